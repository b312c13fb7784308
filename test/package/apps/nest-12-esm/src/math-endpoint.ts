export const mathEndpoint = process.env.MATH_ENDPOINT ?? 'tcp://127.0.0.1:5555';
