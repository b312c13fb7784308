import {
  type Channel,
  channel as channelOf,
  type TracingChannel,
  tracingChannel,
} from 'node:diagnostics_channel';
import type { ClientAttemptMessage, ClientCallMessage, ServerCallMessage } from './messages.js';

/** The names of all channels. That of a tracing channel is the part after `tracing:` and before the event. */
export const CHANNELS = {
  clientCall: 'nestjs-freelance:client:call',
  clientAttempt: 'nestjs-freelance:client:attempt',
  serverCall: 'nestjs-freelance:server:call',
  serverState: 'nestjs-freelance:client:server-state',
  failover: 'nestjs-freelance:client:failover',
  discovery: 'nestjs-freelance:client:discovery',
  clientDropped: 'nestjs-freelance:client:dropped',
  serverDropped: 'nestjs-freelance:server:dropped',
  serverRefused: 'nestjs-freelance:server:refused',
  drain: 'nestjs-freelance:server:drain',
} as const;

export const clientCalls: TracingChannel<unknown, ClientCallMessage> = tracingChannel(
  CHANNELS.clientCall,
);
export const clientAttempts: TracingChannel<unknown, ClientAttemptMessage> = tracingChannel(
  CHANNELS.clientAttempt,
);
export const serverCalls: TracingChannel<unknown, ServerCallMessage> = tracingChannel(
  CHANNELS.serverCall,
);

export const serverStates = channelOf(CHANNELS.serverState);
export const failovers = channelOf(CHANNELS.failover);
export const discoveries = channelOf(CHANNELS.discovery);
export const clientDrops = channelOf(CHANNELS.clientDropped);
export const serverDrops = channelOf(CHANNELS.serverDropped);
export const serverRefusals = channelOf(CHANNELS.serverRefused);
export const drains = channelOf(CHANNELS.drain);

/** Publishes a message, which is made only if somebody listens. */
export function publish(channel: Channel, message: () => object): void {
  if (channel.hasSubscribers) channel.publish(message());
}

type Traced = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';

/** `TracingChannel.hasSubscribers` came with Node 20.13, and is wrong there while only `error` has some. */
export function isTraced(traced: Record<Traced, Pick<Channel, 'hasSubscribers'>>): boolean {
  return (
    traced.start.hasSubscribers ||
    traced.end.hasSubscribers ||
    traced.asyncStart.hasSubscribers ||
    traced.asyncEnd.hasSubscribers ||
    traced.error.hasSubscribers
  );
}
