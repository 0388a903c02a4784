/** The deltas of one streamed answer, kept in the order of their stream_index. Pure. */

export type Chunks = readonly { readonly index: number; readonly text: string }[];

/** Puts a delta in its place; one that is there already changes nothing. */
export function insertChunk(chunks: Chunks, index: number, text: string): Chunks {
  const last = chunks.at(-1);
  if (!last || index > last.index) {
    return [...chunks, { index, text }];
  }
  if (chunks.some((chunk) => chunk.index === index)) {
    return chunks;
  }
  return [...chunks, { index, text }].sort((a, b) => a.index - b.index);
}

export function chunkText(chunks: Chunks): string {
  return chunks.map((chunk) => chunk.text).join("");
}
