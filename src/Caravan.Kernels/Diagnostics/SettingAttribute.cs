namespace Caravan;

/// <summary>
/// A property of an options record that users set: by its name in snake case in a file of settings, and by a flag. The sentence is what help and
/// documents say about it: what it is, its unit, its neutral value, the paper where it has one. The default is the property's own.
/// </summary>
/// <param name="description">The sentence.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string description) : Attribute
{
    /// <summary>The sentence.</summary>
    public string Description => description;

    /// <summary>Whether nothing goes without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether most users need it, so that help names it first.</summary>
    public bool IsCommon { get; init; }

    /// <summary>Whether it names a file or folder.</summary>
    public bool IsPath { get; init; }

    /// <summary>Whether its section, or the element of a list that it belongs to, may be written as this value alone.</summary>
    public bool IsShorthand { get; init; }

    /// <summary>The least number that it takes.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number that it takes.</summary>
    public double Most { get; init; } = double.PositiveInfinity;
}
