/** What a user can name, as declared: a change here is a change of the package's version. Written anew with `vitest run -u`. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

beforeAll(() => {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root });
}, 120_000);

/** Every export of a built entry with its declared members, sorted. */
function surface(entry: string): string {
  const program = ts.createProgram([`${root}dist/${entry}.d.ts`], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    strict: true,
    jsx: ts.JsxEmit.ReactJSX,
    types: [],
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(`${root}dist/${entry}.d.ts`);
  const symbol = file && checker.getSymbolAtLocation(file);
  return (
    (symbol ? checker.getExportsOfModule(symbol) : [])
      .map((named) => (named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named))
      .flatMap((named) => named.declarations ?? [])
      // The contract has a snapshot of its own.
      .filter((declaration) => !declaration.getSourceFile().fileName.endsWith("/contracts.d.ts"))
      .map((declaration) =>
        withoutComments(ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration),
      )
      .sort()
      .join("\n")
  );
}

function withoutComments(node: ts.Node): string {
  return ts.createPrinter({ removeComments: true }).printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
}

test.each(["index", "react/index", "validate/index"])(
  "The public surface of %s",
  async (entry) => {
    await expect(surface(entry)).toMatchFileSnapshot(`surface/${entry.replace("/", "-")}.d.ts.txt`);
  },
  60_000,
);

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: root, strict: true });
  const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as object;
  expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
}, 60_000);

test("There is one dependency, and the package has the built files alone", () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { dependencies: object };
  expect(Object.keys(dependencies)).toEqual(["@microsoft/signalr"]);
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const outside = files.map(({ path }) => path).filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
  expect(outside.sort()).toEqual(["README.md", "package.json"]);
}, 60_000);
