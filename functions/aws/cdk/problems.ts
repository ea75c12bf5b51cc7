// The error of a deployment that cannot be: every problem, and what it is about.

/** A mistake that a construct has found while an app was synthesized. */
export class DeploymentError extends Error {
  /** Every problem, each with its remedy. */
  readonly problems: readonly string[]

  constructor(subject: string, problems: readonly string[]) {
    super(`Lanekeeper, ${subject}:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.name = 'DeploymentError'
    this.problems = problems
  }
}
