import { describe, expect, test } from 'vitest';
import { CARELESS, type Way, WAYS } from './careless.js';
import type { Place } from './place.js';
import { tryOut } from './world.js';

/** A test for each way in which the code at each place may misbehave. */
export function testPlaces(places: Record<string, Place>): void {
  describe.each(Object.entries(places))('%s', (_name, place) => {
    const rows = WAYS.map((way): [Way, string | undefined] => [way, place.gets[way]]);
    test.each(rows.filter(([, gets]) => gets !== undefined))(
      '%s: its call gets "%s", and other calls are not affected',
      async (way, gets) => {
        const isTold = place.isToldTo !== undefined && way === 'throws';
        const uncaught = isTold ? [new Error(CARELESS)] : [];
        expect(await tryOut(place, way)).toEqual({ gets, uncaught });
      },
    );
  });
}
