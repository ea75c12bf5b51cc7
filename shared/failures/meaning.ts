/** What a failure code means, and the sentence of a standard that asks for it. */
export interface FailureMeaning {
  readonly meaning: string
  readonly source: string
}
