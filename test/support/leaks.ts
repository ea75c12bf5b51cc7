// Finds pieces of secrets in text that anybody may read.

const PIECE = 16

/** Secrets of which some 16 characters in a row stand in `text`; the piece is not repeated in the result. */
export function findLeaks(text: string, secrets: readonly string[]): number[] {
  const pieces = new Set<string>()
  for (let at = 0; at + PIECE <= text.length; at++) pieces.add(text.slice(at, at + PIECE))
  return secrets.flatMap((secret, index) => {
    for (let at = 0; at + PIECE <= secret.length; at++)
      if (pieces.has(secret.slice(at, at + PIECE))) return [index]
    return []
  })
}
