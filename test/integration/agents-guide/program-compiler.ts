import { join } from 'node:path';
import ts from 'typescript';

/** The project's own settings, with these files as all that there is to check. */
function programOf(root: string, files: readonly string[]): ts.Program {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const { incremental: _1, tsBuildInfoFile: _2, ...checked } = options;
  return ts.createProgram(files, checked);
}

/** What the compiler has against `files`, as `file:line: message`. */
export function compilerProblems(root: string, files: readonly string[]): readonly string[] {
  const program = programOf(root, files);
  return files
    .flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    })
    .map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${file?.fileName.split('/').at(-1) ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

/** The names of the fields of an exported type. */
export function fieldsOfType(root: string, file: string, typeName: string): readonly string[] {
  const program = programOf(root, [join(root, file)]);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find(({ name }) => name === typeName);
  return symbol
    ? checker
        .getDeclaredTypeOfSymbol(symbol)
        .getProperties()
        .map(({ name }) => name)
    : [];
}
