import { expect, test } from 'vitest';
import { withTable } from './page.js';

const page = 'Before\n\n<!-- hosts:begin -->\n\nold\n\n<!-- hosts:end -->\n\nAfter\n';

test('the table replaces what is between the marks, and nothing else', () => {
  expect(withTable(page, 'new')).toBe(page.replace('old', 'new'));
});

test('a page without the marks is an error that names them', () => {
  expect(() => withTable('Before', 'new')).toThrow('<!-- hosts:begin --> … <!-- hosts:end -->');
});
