// A configuration that cannot be used: when it is built, or when an edge starts.

/** One mistake in a configuration, or one warning: the setting and what is wrong with it. */
export interface ConfigProblem {
  /** The setting, as it would be written in code: `issuers.main.audience`. */
  readonly path: string
  /** What is wrong with it, and mostly what to write instead. To be read after the path. Has no secret in it. */
  readonly message: string
  /** The environment variable or binding to set, if nothing but its value is missing. */
  readonly variable?: string
}

/**
 * A configuration that cannot be used. Thrown at start-up, never while a request is answered. `message` lists every
 * problem, one on each line; `problems` has the same as data.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]
  /** What should be changed besides, as in `ResolvedConfig.warnings`. */
  readonly warnings: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], stage?: string, warnings: readonly ConfigProblem[] = []) {
    super(
      [
        `The Lanekeeper configuration${stage ? ` for the stage ${stage}` : ''} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((problem) => `  ${problem.path}: ${problem.message}`),
      ].join('\n'),
    )
    this.problems = problems
    this.warnings = warnings
  }
}
