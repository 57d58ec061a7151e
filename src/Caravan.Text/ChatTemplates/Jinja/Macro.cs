namespace Caravan.Text.Jinja;

/// <summary>A macro, or the body of a call block, together with the scope in which it was defined.</summary>
internal sealed record Macro(string Name, MacroBody Body, Scope Defined) : Callable(Name)
{
    /// <summary>What it writes.</summary>
    /// <exception cref="CaravanException">The arguments do not fit its parameters.</exception>
    public override object Call(Interpreter run, Arguments arguments)
    {
        Budget budget = run.Budget;
        Dictionary<string, object> named = new(arguments.Named);
        Scope scope = new(Defined);
        IReadOnlyList<object> positional = arguments.Positional;
        Bind(run, scope, positional, named);
        if (Body.TakesCaller) scope.Set("caller", named.Remove("caller", out object? caller) ? caller : new Undefined("No caller defined"));
        if (Body.TakesRest) scope.Set("varargs", positional.Skip(Body.Parameters.Count).ToArray());
        else if (positional.Count > Body.Parameters.Count) throw budget.Fail($"gives the macro '{Name}' {positional.Count} arguments; it takes at most {Body.Parameters.Count}");
        if (Body.TakesNamedRest) scope.Set("kwargs", Dict(named));
        else if (named.Count > 0) throw budget.Fail($"gives the macro '{Name}' an argument '{named.Keys.First()}', which it does not take");
        return run.Capture(Body.Body, scope);
    }

    /// <summary>Its attributes, or null when there is none of that name.</summary>
    public object? Attribute(string name) => name switch
    {
        "name" => Name,
        "arguments" => Body.Parameters.Select(parameter => (object)parameter.Name).ToArray(),
        "caller" => Body.TakesCaller,
        "catch_varargs" => Body.TakesRest,
        "catch_kwargs" => Body.TakesNamedRest,
        _ => null,
    };

    private void Bind(Interpreter run, Scope scope, IReadOnlyList<object> positional, Dictionary<string, object> named)
    {
        for (int i = 0; i < Body.Parameters.Count; i++)
        {
            (string name, Expression? standard) = Body.Parameters[i];
            object value = i < positional.Count ? positional[i]
                : named.Remove(name, out object? given) ? given
                : standard is not null ? run.Evaluate(standard, scope)
                : new Undefined($"parameter '{name}' was not provided");
            scope.Set(name, value);
        }
    }

    private static PythonDict Dict(Dictionary<string, object> named)
    {
        PythonDict dict = new();
        foreach ((string name, object value) in named) dict[name] = value;
        return dict;
    }
}
