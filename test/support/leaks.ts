// Finds pieces of secrets in public text.

const PIECE = 16

/** The indices of secrets of which 16 characters in a row occur in `text`; the result does not repeat the piece. */
export function findLeaks(text: string, secrets: readonly string[]): number[] {
  const pieces = new Set<string>()
  for (let at = 0; at + PIECE <= text.length; at++) pieces.add(text.slice(at, at + PIECE))
  return secrets.flatMap((secret, index) => {
    for (let at = 0; at + PIECE <= secret.length; at++)
      if (pieces.has(secret.slice(at, at + PIECE))) return [index]
    return []
  })
}
