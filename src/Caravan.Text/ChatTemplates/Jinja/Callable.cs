namespace Caravan.Text.Jinja;

/// <summary>What a call passes.</summary>
internal sealed record Arguments(IReadOnlyList<object> Positional, IReadOnlyDictionary<string, object> Named)
{
    /// <summary>No arguments.</summary>
    public static readonly Arguments None = new([], new Dictionary<string, object>());

    /// <summary>Arguments without names.</summary>
    public static Arguments Of(params object[] values) => None with { Positional = values };
}

/// <summary>Something that can be called.</summary>
/// <param name="Name">What it is called in messages.</param>
internal abstract record Callable(string Name)
{
    /// <summary>Calls it.</summary>
    public abstract object Call(Interpreter run, Arguments arguments);
}

/// <summary>A function, filter, test or method that the engine brings along.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names of its parameters; a last <c>*</c> takes any number of arguments.</param>
/// <param name="Body">What it does.</param>
internal sealed record Builtin(string Name, string[] Parameters, Func<Invocation, object> Body)
{
    /// <summary>Calls it on a value.</summary>
    /// <exception cref="CaravanException">Arguments are missing, too many or of the wrong type.</exception>
    public object Call(Interpreter run, object self, Arguments arguments)
    {
        Budget budget = run.Budget;
        budget.Characters(PythonType.AsText(self)?.Length ?? 0);
        bool takesAny = Parameters is [.., "*"];
        object?[] values = new object?[Parameters.Length];
        if (!takesAny)
        {
            if (arguments.Positional.Count > values.Length) throw budget.Fail($"gives '{Name}' {arguments.Positional.Count} arguments; it takes at most {values.Length}");
            for (int i = 0; i < arguments.Positional.Count; i++) values[i] = arguments.Positional[i];
            foreach ((string name, object value) in arguments.Named)
            {
                int place = Array.IndexOf(Parameters, name);
                if (place < 0) throw budget.Fail($"gives '{Name}' an argument '{name}', which it does not have");
                values[place] = value;
            }
        }

        return Body(new Invocation(run, Name, self, arguments, values));
    }
}

/// <summary>A <see cref="Builtin"/> with the value it belongs to.</summary>
internal sealed record BoundBuiltin(Builtin Builtin, object Self) : Callable(Builtin.Name)
{
    /// <inheritdoc/>
    public override object Call(Interpreter run, Arguments arguments) => Builtin.Call(run, Self, arguments);
}

/// <summary>One call of a <see cref="Builtin"/>: the value it is called on and its arguments.</summary>
internal sealed record Invocation(Interpreter Run, string Name, object Self, Arguments Arguments, object?[] Values)
{
    /// <summary>What the rendering may use up.</summary>
    public Budget Budget => Run.Budget;

    /// <summary>The value it is called on, as a text.</summary>
    public string SelfText => PythonPrinter.Str(Self, Budget);

    /// <summary>Whether an argument was given.</summary>
    public bool Has(int place) => Values[place] is not (null or None);

    /// <summary>An argument that must be there.</summary>
    public object Value(int place) => Values[place] ?? throw Budget.Fail($"calls '{Name}' with too few arguments");

    /// <summary>An argument, or what it is when absent.</summary>
    public object Value(int place, object absent) => Values[place] ?? absent;

    /// <summary>A truth.</summary>
    public bool Flag(int place, bool absent = false) => Values[place] is { } value ? PythonType.IsTrue(value) : absent;

    /// <summary>A text.</summary>
    public string Text(int place) => AsText(Value(place));

    /// <summary>A text, or what it is when absent.</summary>
    public string Text(int place, string absent) => Values[place] is { } value ? AsText(value) : absent;

    /// <summary>A whole number, held within the bounds of an int.</summary>
    public int Count(int place, int absent) => Values[place] is { } value ? AsCount(value) : absent;

    private string AsText(object value)
    {
        string text = PythonType.AsText(value) ?? throw Budget.Fail($"gives '{Name}' a {PythonType.Name(value)} where a text was expected");
        Budget.Characters(text.Length);
        return text;
    }

    private int AsCount(object value) => PythonNumber.AsInteger(value) is { } number
        ? (int)System.Numerics.BigInteger.Max(int.MinValue, System.Numerics.BigInteger.Min(int.MaxValue, number))
        : throw Budget.Fail($"gives '{Name}' a {PythonType.Name(value)} where a whole number was expected");
}
