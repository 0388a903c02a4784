import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { numberWords } from "../core/words";
import { useColorScheme } from "./useColorScheme";

export interface PlotLine {
  label: string;
  tone: "first" | "second" | "quiet";
}

export type PlotData = [number[], ...(number | null)[][]];

interface PlotProps {
  title: string;
  data: PlotData;
  lines: readonly PlotLine[];
  height: number;
  /** Both axes from 0 to 1, as for a ROC curve. */
  unit?: boolean;
}

const tones: Record<PlotLine["tone"], string> = { first: "--line-1", second: "--line-2", quiet: "--line-quiet" };

/** A line plot whose legend shows the values under the pointer, or the newest. */
export function Plot({ title, data, lines, height, unit = false }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(data);
  newest.current = data;
  const [hovered, setHovered] = useState<number | null>(null);
  const scheme = useColorScheme();
  const shape = JSON.stringify(lines);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours follow the scheme
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {
      stroke: color("--muted"),
      grid: { stroke: color("--rule"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    const made = new uPlot(
      {
        width: element.clientWidth || 300,
        height,
        padding: [10, 10, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { setScale: false } },
        scales: unit ? { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } } : { x: { time: false } },
        axes: [
          { ...axis, size: 26, space: 50 },
          { ...axis, size: 44, space: 32 },
        ],
        series: [
          {},
          ...(JSON.parse(shape) as PlotLine[]).map((line) => ({
            label: line.label,
            stroke: color(tones[line.tone]),
            width: line.tone === "quiet" ? 1 : 2,
            spanGaps: true,
            points: { show: false },
            ...(line.tone === "quiet" ? { dash: [4, 4] } : {}),
          })),
        ],
        hooks: { setCursor: [(u) => setHovered(u.cursor.idx ?? null)] },
      },
      newest.current as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, height, unit, scheme]);

  useEffect(() => {
    if (plot.current && plot.current.series.length === data.length) {
      plot.current.setData(data as uPlot.AlignedData);
    }
  }, [data]);

  const steps = data[0];
  return (
    <figure className="plot">
      <figcaption>
        <span className="plot-title">{title}</span>
        <span className="plot-legend">
          {lines.map((line, index) =>
            line.tone === "quiet" ? null : (
              <span key={line.label} className="plot-key" data-tone={line.tone}>
                {line.label}
                <b>{unit && hovered === null ? "" : legendValue(data[index + 1], hovered)}</b>
              </span>
            ),
          )}
        </span>
      </figcaption>
      <div className="plot-box" ref={box} style={{ height }} aria-hidden="true" />
      {steps.length === 0 && <p className="plot-empty">no values yet</p>}
    </figure>
  );
}

function legendValue(column: (number | null)[] | undefined, hovered: number | null): string {
  const value = (hovered === null ? null : column?.[hovered]) ?? column?.findLast((v) => v !== null);
  return value === null || value === undefined ? "" : numberWords(value);
}
