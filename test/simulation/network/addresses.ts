export function hostOf(endpoint: string): string {
  return endpoint.replace(/^tcp:\/\//, '').replace(/:\d+$/, '');
}

export function endpointOf(host: string): string {
  return `tcp://${host}:5555`;
}
