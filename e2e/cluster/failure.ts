/** Something that the person at the keyboard can mend: its message is one line that names the fault and the cure. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Runs a command line tool: a `Failure` ends it with its one line and code 1, anything else is a bug and shows its stack. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `error: ${error.message}` : error);
    process.exitCode = 1;
  }
}
