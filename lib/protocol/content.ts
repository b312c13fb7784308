import type { Frame } from '../frame.js';

/** A frame to send. Text becomes UTF-8 only when the engine writes it next to other bytes. */
export type Content = Buffer | string;

/** A received message: without the ROUTER's routing id, with the empty delimiter. */
export type Frames = readonly Frame[];

/** A message to send. */
export type OutgoingFrames = readonly Content[];
