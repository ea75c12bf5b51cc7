// The ends of a command that are explained by one line.

/** An end that is explained by its message alone. */
export class Stop extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}
