/** A frame on its way out. Text becomes UTF-8 only where it is put among other bytes. */
export type Content = Buffer | string;
