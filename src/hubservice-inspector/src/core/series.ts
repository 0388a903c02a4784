/** The points of live metrics, one series per (name, split). Pure. */

export interface Series {
  readonly name: string;
  readonly split: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export type SeriesMap = Readonly<Record<string, Series>>;

export const noSeries: SeriesMap = {};

/** A step that is there already takes the newer value. */
export function addPoint(map: SeriesMap, name: string, split: string, step: number, value: number): SeriesMap {
  const key = `${name}/${split}`;
  const old = map[key] ?? { name, split, steps: [], values: [] };
  const at = old.steps.findLastIndex((known) => known <= step);
  const replace = old.steps[at] === step;
  const next: Series = {
    ...old,
    steps: replace ? old.steps : old.steps.toSpliced(at + 1, 0, step),
    values: replace ? old.values.with(at, value) : old.values.toSpliced(at + 1, 0, value),
  };
  return { ...map, [key]: next };
}

/** Columns for a plot: the union of the steps, then one column per series, holes as null. */
export function columns(list: readonly Series[]): [number[], ...(number | null)[][]] {
  const steps = [...new Set(list.flatMap((series) => series.steps))].sort((a, b) => a - b);
  const rows = list.map((series) => {
    const values = new Map(series.steps.map((step, i) => [step, series.values[i] ?? null]));
    return steps.map((step) => values.get(step) ?? null);
  });
  return [steps, ...rows];
}

/** The series of one metric, training first. */
export function seriesOf(map: SeriesMap, name: string): Series[] {
  const order = ["train", "val", "test"];
  return Object.values(map)
    .filter((series) => series.name === name)
    .sort((a, b) => order.indexOf(a.split) - order.indexOf(b.split));
}
