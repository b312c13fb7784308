/**
 * Hears messages one after the other. A listener of the user's that throws at one of them costs the others
 * nothing.
 *
 * @throws the first that was thrown, once all are heard
 */
export function hearAll<Message>(
  messages: readonly Message[],
  hear: (message: Message) => void,
): void {
  const thrown: unknown[] = [];
  for (const message of messages) {
    try {
      hear(message);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}
