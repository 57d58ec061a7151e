namespace Caravan.Text.Jinja;

/// <summary>Variables of a block, over those of the block around it.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object> variables = new(StringComparer.Ordinal);

    /// <summary>The value of a variable, from the innermost scope that has it; null when none has.</summary>
    public object? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            if (scope.variables.TryGetValue(name, out object? value)) return value;
        return null;
    }

    /// <summary>Sets a variable of this scope; those of outer scopes are only hidden.</summary>
    public void Set(string name, object value) => variables[name] = value;

    private Scope? Outer => outer;
}
