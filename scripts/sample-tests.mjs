/** Whether an end-to-end test is that of a sample: its name says so. */
export const isOfSample = (file) => file.endsWith('-sample.test.ts');
