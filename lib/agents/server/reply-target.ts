import type { Ack, Content, NegotiatedReply } from '../../protocol/messages.js';

/** The final answer to a job. `spent`: it has ended, and the answer is not kept. */
export type Outcome = NegotiatedReply<Content> | Ack | 'spent';

/** Where the replies of one call go. */
export interface ReplyTarget {
  send(reply: NegotiatedReply<Content>): void;
  /** The answer if the call comes again; undefined if that is not remembered. */
  readonly outcome?: Outcome | undefined;
}
