using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Runs the statements of a template once.</summary>
internal sealed partial class Interpreter
{
    private StringBuilder output = new();
    private Scope scope;

    private Interpreter(Scope scope, Func<DateTime> clock)
    {
        this.scope = scope;
        Clock = clock;
    }

    /// <summary>What the rendering may use up.</summary>
    public Budget Budget { get; } = new();

    /// <summary>Gives the time for <c>strftime_now</c>.</summary>
    public Func<DateTime> Clock { get; }

    /// <summary>What a template writes with these variables.</summary>
    /// <exception cref="CaravanException">It does what has no meaning, or exceeds a limit.</exception>
    /// <exception cref="ChatTemplateException">It calls <c>raise_exception</c>.</exception>
    public static string Render(IReadOnlyList<Statement> template, IReadOnlyDictionary<string, object> variables, Func<DateTime> clock)
    {
        Scope globals = new(null);
        foreach (Callable function in Builtins.Globals) globals.Set(function.Name, function);
        foreach ((string name, object value) in variables) globals.Set(name, value);
        return new Interpreter(globals, clock).Capture(template, new Scope(globals));
    }

    /// <summary>What statements write, run in this scope.</summary>
    public string Capture(IReadOnlyList<Statement> body, Scope inner)
    {
        (StringBuilder outerOutput, Scope outerScope) = (output, scope);
        (output, scope) = (new StringBuilder(), inner);
        Run(body);
        string text = output.ToString();
        (output, scope) = (outerOutput, outerScope);
        return text;
    }

    private Flow Run(IReadOnlyList<Statement> body)
    {
        Budget.Enter();
        Flow flow = Flow.Next;
        for (int i = 0; i < body.Count && flow == Flow.Next; i++) flow = Run(body[i]);
        Budget.Leave();
        return flow;
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope inner)
    {
        Scope outer = scope;
        scope = inner;
        Flow flow = Run(body);
        scope = outer;
        return flow;
    }

    private Flow Run(Statement statement)
    {
        Budget.Step();
        Budget.Line = statement.Line;
        switch (statement)
        {
            case Data data: Write(data.Text); break;
            case Print print: Write(PythonPrinter.Str(Evaluate(print.Value), Budget)); break;
            case If branches: return RunIf(branches);
            case For loop: RunFor(loop, Evaluate(loop.Items), scope, 0); break;
            case Jump jump: return jump.Flow;
            case Assignment set: Assign(set.Target, Evaluate(set.Value), scope); break;
            case BlockAssignment set: Assign(set.Target, Filtered(set.Filters, set.Body), scope); break;
            case FilterBlock filter: Write(PythonPrinter.Str(Filtered(filter.Filters, filter.Body), Budget)); break;
            case MacroDefinition macro: scope.Set(macro.Name, new Macro(macro.Name, macro.Macro, scope)); break;
            case CallBlock call: RunCall(call); break;
            case With with: return RunWith(with);
            case Do action: Evaluate(action.Expression); break;
        }

        return Flow.Next;
    }

    private void Write(string text) => Budget.Append(output, text);

    private Flow RunIf(If branches)
    {
        foreach ((Expression test, IReadOnlyList<Statement> body) in branches.Branches)
            if (PythonType.IsTrue(Evaluate(test))) return Run(body);
        return Run(branches.Else);
    }

    private void RunFor(For loop, object items, Scope outer, int depth)
    {
        IEnumerable<object> rounds = PythonType.Items(items, Budget);
        bool isFiltered = loop.Filter is not null;
        if (isFiltered) rounds = rounds.Where(item => PythonType.IsTrue(Evaluate(loop.Filter!, Round(loop.Target, item, outer))));
        int? known = isFiltered || items is Generator ? null : PythonType.Length(items);
        Loop state = new(rounds, known, depth, loop.IsRecursive ? Recurse : null);
        while (state.Advance())
        {
            Scope inner = Round(loop.Target, state.Item, outer);
            inner.Set("loop", state);
            if (Run(loop.Body, inner) == Flow.Break) break;
        }

        if (state.Index == 0) Run(loop.Else, new Scope(outer));

        object Recurse(Interpreter run, object inner, Loop around)
        {
            StringBuilder outerOutput = output;
            output = new StringBuilder();
            RunFor(loop, inner, outer, around.Depth + 1);
            string text = output.ToString();
            output = outerOutput;
            return text;
        }
    }

    private Scope Round(Target target, object item, Scope outer)
    {
        Scope inner = new(outer);
        Assign(target, item, inner);
        return inner;
    }

    private void RunCall(CallBlock block)
    {
        Macro caller = new("caller", block.Caller, scope);
        Arguments arguments = Evaluated(block.Call.Arguments);
        Dictionary<string, object> named = new(arguments.Named) { ["caller"] = caller };
        Write(PythonPrinter.Str(Call(Evaluate(block.Call.Target), arguments with { Named = named }), Budget));
    }

    private Flow RunWith(With with)
    {
        Scope inner = new(scope);
        foreach ((Target target, Expression value) in with.Variables) Assign(target, Evaluate(value), inner);
        return Run(with.Body, inner);
    }

    /// <summary>What a body writes, through filters.</summary>
    private object Filtered(Expression? filters, IReadOnlyList<Statement> body)
    {
        string text = Capture(body, new Scope(scope));
        if (filters is null) return text;
        string? outer = captured;
        captured = text;
        object value = Evaluate(filters);
        captured = outer;
        return value;
    }

    private void Assign(Target target, object value, Scope into)
    {
        switch (target)
        {
            case NameTarget name: into.Set(name.Name, value); break;
            case AttributeTarget attribute:
                if (scope.Find(attribute.Name) is not Namespace space)
                    throw Budget.Fail($"sets '{attribute.Name}.{attribute.Attribute}', but '{attribute.Name}' is no namespace");
                space.Attributes[attribute.Attribute] = value;
                break;
            case TupleTarget tuple:
                object[] values = [.. PythonType.Items(value, Budget)];
                if (values.Length != tuple.Items.Count) throw Budget.Fail($"takes {values.Length} values apart into {tuple.Items.Count} variables");
                for (int i = 0; i < values.Length; i++) Assign(tuple.Items[i], values[i], into);
                break;
        }
    }
}
