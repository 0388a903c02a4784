/** Full jitter: a random share of a bound that doubles with every failed attempt. */
export function backoff(failures: number, random: () => number, base = 500, cap = 10_000): number {
  return Math.round(random() * Math.min(cap, base * 2 ** Math.min(failures, 20)));
}
