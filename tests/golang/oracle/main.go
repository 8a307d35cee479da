// Oracle prints what go/types says about the expressions of packages.
//
// Usage: oracle [-every] [-tests] DIR PATTERN...
//
// It asks `go list` in DIR which files form the packages that match, checks them against the
// sources of their dependencies, and prints one line an expression:
//
//	file:line:column TAB kind TAB category TAB type
//
// By default the expressions are the operands of index expressions, placed at the bracket. With
// -every they are all expressions that are neither constants nor types, placed at their first byte.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

type listed struct {
	Dir, ImportPath, ForTest string
	GoFiles                  []string
	ImportMap                map[string]string
	DepOnly                  bool
	Incomplete               bool
}

type world struct {
	fset   *token.FileSet
	listed map[string]*listed
	done   map[string]*types.Package
	out    *bufio.Writer
	every  bool
}

func main() {
	every := flag.Bool("every", false, "print every expression, not only indexed ones")
	tests := flag.Bool("tests", false, "check test files too")
	flag.Parse()
	w := &world{
		fset: token.NewFileSet(), listed: map[string]*listed{}, done: map[string]*types.Package{},
		out: bufio.NewWriter(os.Stdout), every: *every,
	}
	defer w.out.Flush()
	args := append([]string{"list", fmt.Sprintf("-test=%t", *tests), "-deps", "-e", "-json=Dir,ImportPath,ForTest,GoFiles,ImportMap,DepOnly,Incomplete"}, flag.Args()[1:]...)
	cmd := exec.Command("go", args...)
	cmd.Dir = flag.Arg(0)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	var order []*listed
	for decoder := json.NewDecoder(stdout); ; {
		p := &listed{}
		if err := decoder.Decode(p); err == io.EOF {
			break
		} else if err != nil {
			panic(err)
		}
		w.listed[p.ImportPath] = p
		order = append(order, p)
	}
	for _, p := range order {
		w.check(p)
	}
}

type importer struct {
	w *world
	p *listed
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if mapped, ok := i.p.ImportMap[path]; ok {
		path = mapped
	}
	if p, ok := i.w.listed[path]; ok {
		return i.w.check(p), nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

func (w *world) check(p *listed) *types.Package {
	if pkg, ok := w.done[p.ImportPath]; ok {
		return pkg
	}
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(w.fset, name, nil, parser.SkipObjectResolution)
		if f != nil && err == nil {
			files = append(files, f)
		}
	}
	config := types.Config{
		Importer: importer{w, p}, IgnoreFuncBodies: p.DepOnly, FakeImportC: true,
		Error: func(error) {}, Sizes: types.SizesFor("gc", "amd64"),
	}
	var info *types.Info
	if !p.DepOnly {
		info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}}
	}
	path := strings.TrimSuffix(strings.Fields(p.ImportPath)[0], ".test")
	pkg, _ := config.Check(path, w.fset, files, info)
	w.done[p.ImportPath] = pkg
	if info != nil {
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				w.print(n, info)
				return true
			})
		}
	}
	return pkg
}

func (w *world) print(n ast.Node, info *types.Info) {
	expr, ok := n.(ast.Expr)
	if !ok {
		return
	}
	if w.every {
		tv, ok := info.Types[expr]
		if !ok || tv.Value != nil || tv.IsType() || tv.IsBuiltin() || tv.IsNil() || tv.Type == nil {
			return
		}
		t := tv.Type
		if _, isCall := expr.(*ast.CallExpr); !isCall {
			// go/types gives the comma-ok forms a tuple; here they have the type of their value.
			if pair, ok := t.(*types.Tuple); ok && pair.Len() > 0 {
				t = pair.At(0).Type()
			}
		}
		w.line(expr.Pos(), expr.End(), fmt.Sprintf("%T", expr)[5:], t)
		return
	}
	switch x := expr.(type) {
	case *ast.IndexExpr:
		w.operand(x.X, x.Lbrack, info)
	case *ast.IndexListExpr:
		w.operand(x.X, x.Lbrack, info)
	}
}

func (w *world) operand(x ast.Expr, at token.Pos, info *types.Info) {
	tv, ok := info.Types[x]
	if !ok {
		id, isIdent := x.(*ast.Ident)
		if sel, isSel := x.(*ast.SelectorExpr); isSel {
			id, isIdent = sel.Sel, true
		}
		if isIdent {
			if _, ok := info.Instances[id]; ok {
				position := w.fset.Position(at)
				fmt.Fprintf(w.out, "%s:%d:%d\tindex\tgeneric\t-\n", position.Filename, position.Line, position.Column)
			}
		}
		return
	}
	if tv.IsType() {
		position := w.fset.Position(at)
		fmt.Fprintf(w.out, "%s:%d:%d\tindex\tgeneric\t-\n", position.Filename, position.Line, position.Column)
		return
	}
	w.line(at, 0, "index", tv.Type)
}

func (w *world) line(at, end token.Pos, kind string, t types.Type) {
	category := category(t)
	if category == "invalid" {
		return
	}
	position := w.fset.Position(at)
	if end != 0 {
		kind = fmt.Sprintf("%d:%s", end-at, kind)
	}
	fmt.Fprintf(w.out, "%s:%d:%d\t%s\t%s\t%s\n", position.Filename, position.Line, position.Column, kind, category, show(t))
}

func category(t types.Type) string {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "typeparam"
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return "map"
	case *types.Slice:
		return "slice"
	case *types.Array:
		return "array"
	case *types.Pointer:
		return "pointer"
	case *types.Chan:
		return "chan"
	case *types.Signature:
		return "func"
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	case *types.Tuple:
		return "tuple"
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return "invalid"
		}
		return "basic"
	}
	return "other"
}

// show prints a type as commaok does: aliases looked through, no lengths, no struct bodies.
func show(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "unsafe.Pointer"
		}
		return types.Typ[t.Kind()].Name()
	case *types.Pointer:
		return "*" + show(t.Elem())
	case *types.Slice:
		return "[]" + show(t.Elem())
	case *types.Array:
		return "[_]" + show(t.Elem())
	case *types.Map:
		return "map[" + show(t.Key()) + "]" + show(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{
			types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan ",
		}[t.Dir()] + show(t.Elem())
	case *types.Tuple:
		return "(" + strings.Join(vars(t), ", ") + ")"
	case *types.Signature:
		params := vars(t.Params())
		if t.Variadic() {
			last := len(params) - 1
			params[last] = "..." + strings.TrimPrefix(params[last], "[]")
		}
		s := "func(" + strings.Join(params, ", ") + ")"
		switch results := vars(t.Results()); len(results) {
		case 0:
			return s
		case 1:
			return s + " " + results[0]
		default:
			return s + " (" + strings.Join(results, ", ") + ")"
		}
	case *types.Struct:
		if t.NumFields() == 0 {
			return "struct{}"
		}
		return "struct{...}"
	case *types.Interface:
		if t.NumExplicitMethods() == 0 && t.NumEmbeddeds() == 0 {
			return "interface{}"
		}
		return "interface{...}"
	case *types.TypeParam:
		return t.Obj().Name()
	case *types.Named:
		name := t.Obj().Name()
		if p := t.Obj().Pkg(); p != nil {
			name = p.Path() + "." + name
		}
		if args := t.TypeArgs(); args.Len() > 0 {
			var shown []string
			for i := 0; i < args.Len(); i++ {
				shown = append(shown, show(args.At(i)))
			}
			name += "[" + strings.Join(shown, ",") + "]"
		}
		return name
	}
	return t.String()
}

func vars(t *types.Tuple) []string {
	var shown []string
	for i := 0; i < t.Len(); i++ {
		shown = append(shown, show(t.At(i).Type()))
	}
	return shown
}
