/** What a failure code means, in English, for operators and documentation. No response contains it. */
export interface FailureMeaning {
  /** One or two sentences. `detail` in them is `Deny.detail`. */
  readonly meaning: string
  /** The section of a standard, or the page, that asks for the refusal. */
  readonly source: string
}
