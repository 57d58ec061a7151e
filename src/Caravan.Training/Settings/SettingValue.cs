using System.Globalization;
using System.Text.Json;

namespace Caravan.Training;

/// <summary>Plain values of settings, as they are written and read.</summary>
internal static class SettingValue
{
    private const double LargestExact = 1L << 53;

    /// <summary>What a setting takes, in words for messages, such as <c>a whole number of 1 or more</c>.</summary>
    public static string ExpectedBy(Setting setting) => Kind(setting.ValueType) + Range(setting);

    /// <summary>Whether values of a type are written as one word or text.</summary>
    public static bool IsPlain(Type type) => type.IsEnum || type == typeof(string) || type == typeof(bool) || type == typeof(double) || IsWhole(type);

    /// <summary>What stands for the value in help, such as <c>N</c> or <c>f32|bf16</c>.</summary>
    public static string PlaceholderOf(Setting setting) => setting.ValueType switch
    {
        { IsEnum: true } type => string.Join('|', Names(type)),
        _ when setting.Schema is { Shorthand: { } alone } => PlaceholderOf(alone),
        _ when setting.Schema is not null => "{…}",
        _ when setting.Attribute.IsPath => "PATH",
        { } type when type == typeof(bool) => "true|false",
        { } type when IsWhole(type) => "N",
        { } type when type == typeof(double) => "X",
        _ => "TEXT",
    };

    /// <summary>Reads a value; null when the text is none that the setting takes.</summary>
    public static object? Parse(Setting setting, string text)
    {
        Type type = setting.ValueType;
        if (type == typeof(string)) return text;
        if (type == typeof(bool)) return text switch { "true" => true, "false" => false, _ => null };
        if (type.IsEnum) return Names(type).IndexOf(text.ToLowerInvariant()) is >= 0 and var index ? Enum.GetValues(type).GetValue(index) : null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || double.IsNaN(number)) return null;
        if (number < setting.Attribute.Least || number > setting.Attribute.Most) return null;
        return IsWhole(type) ? Whole(type, text, number) : number;
    }

    /// <summary>The value as <see cref="Parse"/> reads it.</summary>
    public static string Write(object value) => value switch
    {
        bool each => each ? "true" : "false",
        Enum each => NameOf(each),
        double each => Written(each),
        IFormattable each => each.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    /// <summary>The value as help and documents show it: long texts by their beginning.</summary>
    public static string Shown(object value)
    {
        const int longest = 60;
        string written = Write(value), line = written.Split('\n')[0];
        return line.Length == written.Length && line.Length <= longest ? line : $"{line[..Math.Min(longest, line.Length)].TrimEnd()} …";
    }

    /// <summary>The names of an enumeration's values, in order.</summary>
    public static IReadOnlyList<string> NamesOf(Type type) => Names(type);

    /// <summary>As short as it reads the same again, and small numbers as people write them: <c>3e-5</c>.</summary>
    private static string Written(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        return parts.Length == 1 ? parts[0] : $"{parts[0]}e{int.Parse(parts[1], CultureInfo.InvariantCulture)}";
    }

    private static List<string> Names(Type type) => [.. Enum.GetValues(type).Cast<Enum>().Select(NameOf)];

    private static string NameOf(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static bool IsWhole(Type type) => type == typeof(int) || type == typeof(long);

    /// <summary>Also 1e6 is a whole number.</summary>
    private static object? Whole(Type type, string text, double number)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            if (number != Math.Truncate(number) || Math.Abs(number) > LargestExact) return null;
            whole = (long)number;
        }

        if (type == typeof(long)) return whole;
        return whole is >= int.MinValue and <= int.MaxValue ? (int)whole : null;
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => string.Join(", ", Names(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ => "a text",
    };

    private static string Range(Setting setting) => (setting.Attribute.Least, setting.Attribute.Most) switch
    {
        (double.NegativeInfinity, double.PositiveInfinity) => "",
        ({ } least, double.PositiveInfinity) => $" of {Write(least)} or more",
        (double.NegativeInfinity, { } most) => $" of at most {Write(most)}",
        var (least, most) => $" from {Write(least)} to {Write(most)}",
    };
}
