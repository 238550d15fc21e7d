import { expect, test } from 'vitest';
import { columnChart } from '../../src/cli/chart.ts';

test('columns are as high as their values, from zero', () => {
  expect(columnChart([0, 50, 100], { height: 2, width: 2 })).toEqual(['100 │    █', '  0 │  █ █']);
  expect(columnChart([1, 100], { height: 1, width: 2 })).toEqual(['100 │  █']);
});

test('values that lie close together begin below the lowest, and the side says so', () => {
  expect(columnChart([10_000, 10_200], { height: 2, width: 3 })).toEqual(['10,200 │   ██', ' 9,950 │▃▃ ██']);
});

test('nothing, and nothing but zeros, make no error', () => {
  expect(columnChart([])).toEqual([]);
  expect(columnChart([0, 0], { height: 1 })).toEqual(['0 │']);
});
