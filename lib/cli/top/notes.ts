import { plainText } from '../../core/plain-text.js';
import type { ServerSnapshot } from '../../fleet/snapshot.js';

/** More would hide the servers. */
const MOST_NOTES = 3;

/** Why numbers are missing, or old, for servers that are reached: one line each. */
export function notesOn(servers: readonly ServerSnapshot[]): string[] {
  const reached = servers.filter(({ state }) => state !== 'dead' && state !== 'connecting');
  const silent = reached.flatMap((server) =>
    server.noStats === undefined
      ? []
      : [`${nameOf(server)} shows no statistics: ${plainText(server.noStats)}`],
  );
  const stale = reached.flatMap((server) =>
    server.staleMs === undefined
      ? []
      : [
          `${nameOf(server)} has not answered for ${Math.round(server.staleMs / 1000)} s: its numbers are of then`,
        ],
  );
  const notes = [...silent, ...stale];
  if (notes.length <= MOST_NOTES) return notes;
  const others = notes.length - MOST_NOTES + 1;
  return [...notes.slice(0, MOST_NOTES - 1), `… and ${others} more without statistics of now`];
}

function nameOf({ id, endpoint }: ServerSnapshot): string {
  return plainText(id ?? endpoint, 64);
}
