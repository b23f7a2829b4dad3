/**
 * dmn-js opens DMN 1.3 (namespace 20191111) only; the server takes all versions. A file of another version is opened
 * under the names of 1.3. Where it uses what 1.3 has not, the editor would lose that when it saves: `losses` says
 * what, and such a file is only shown.
 */

const DMN_13 = 'https://www.omg.org/spec/DMN/20191111';
/** Namespaces of the model and its drawing that changed with the version; those of DI and DC have not since 1.2. */
const VERSIONED = /https?:\/\/www\.omg\.org\/spec\/DMN\/(?!20191111)\d{8}\/(MODEL|DMNDI|FEEL)\//g;
const DMN_11 = /http:\/\/www\.omg\.org\/spec\/DMN\/20151101\/dmn\.xsd/g;

/** Expressions that came after DMN 1.3. */
const NEWER = ['conditional', 'filter', 'for', 'every', 'some', 'typeConstraint'];

export interface EditableFile {
  xml: string;
  /** Names of elements that saving as DMN 1.3 would lose. */
  losses: readonly string[];
}

export function asDmn13(xml: string): EditableFile {
  const renamed = xml.replace(VERSIONED, (_, part: string) => `${DMN_13}/${part}/`).replace(DMN_11, `${DMN_13}/MODEL/`);
  return { xml: renamed, losses: renamed === xml ? [] : NEWER.filter((name) => new RegExp(`<(\\w+:)?${name}[\\s>/]`).test(xml)) };
}

/** What dmn-js says while it opens a file, where it means that something would be lost. */
export function lossesOf(warnings: readonly { message: string }[]): string[] {
  return warnings.map(({ message }) => message.split('\n')[0]!).filter((message) => /unparsable|unknown|unrecognized/i.test(message));
}
