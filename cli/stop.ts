/** Ends a command with an exit code and a message that needs no stack. */
export class Stop extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}
