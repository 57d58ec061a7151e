using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>When two keys of a dict are one.</summary>
internal sealed class KeyComparer : IEqualityComparer<object>
{
    /// <summary>The only one.</summary>
    public static readonly KeyComparer Shared = new();

    private KeyComparer()
    {
    }

    /// <summary>The key as it is kept: texts lose their mark.</summary>
    /// <exception cref="CaravanException">Values of this type cannot be keys.</exception>
    public static object Key(object value, Budget budget) => value switch
    {
        Markup markup => markup.Text,
        string or BigInteger or double or bool or None => value,
        Undefined undefined => throw budget.Fail($"uses a value as a key of a dict, but {undefined.Problem}"),
        _ => throw budget.Fail($"uses a {PythonType.Name(value)} as a key of a dict; a text or a number was expected"),
    };

    /// <inheritdoc/>
    public new bool Equals(object? left, object? right) => object.Equals(Plain(left), Plain(right));

    /// <inheritdoc/>
    public int GetHashCode(object key) => Plain(key)!.GetHashCode();

    /// <summary>Numbers of all types in the one form in which equal ones are equal.</summary>
    private static object? Plain(object? key) => key switch
    {
        bool flag => flag ? BigInteger.One : BigInteger.Zero,
        double number when double.IsInteger(number) => new BigInteger(number),
        _ => key,
    };
}
