namespace Caravan.Text.Jinja;

/// <summary><c>cycler(…)</c>: gives its values in turn.</summary>
internal sealed class Cycler(object[] values)
{
    private int place;

    /// <summary>An attribute, or null when there is none of that name.</summary>
    public object? Attribute(string name) => values.Length == 0 ? null : name switch
    {
        "current" => values[place],
        "next" => new BoundBuiltin(Builtins.Row("cycler.next", "", _ => Next()), this),
        "reset" => new BoundBuiltin(Builtins.Row("cycler.reset", "", _ => Reset()), this),
        _ => null,
    };

    private object Next()
    {
        object value = values[place];
        place = (place + 1) % values.Length;
        return value;
    }

    private None Reset()
    {
        place = 0;
        return None.Value;
    }
}
