namespace Caravan.Inference;

/// <summary>Numbers by their bounds.</summary>
internal static class NumberSchema
{
    /// <summary>Whether a format is one of numbers.</summary>
    public static bool IsNumeric(string format) => format is "int32" or "int64" or "uint32" or "uint64" or "float" or "double";

    /// <summary>The numbers that satisfy all of some schemas.</summary>
    public static GrammarNode Node(IReadOnlyList<SchemaPart> schemas, bool isInteger)
    {
        decimal? least = null, most = null;
        bool excludesLeast = false, excludesMost = false;
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("minimum") is { } minimum) AtLeast(minimum.Number(), excludes: false);
            if (schema.Find("exclusiveMinimum") is { } above) AtLeast(above.Number(), excludes: true);
            if (schema.Find("maximum") is { } maximum) AtMost(maximum.Number(), excludes: false);
            if (schema.Find("exclusiveMaximum") is { } below) AtMost(below.Number(), excludes: true);
            if (schema.Find("multipleOf") is { } factor && !(isInteger && factor.Number() == 1)) throw factor.Fail("the keyword 'multipleOf' cannot be enforced; leave it out");
            if (schema.Find("format") is not { } format) continue;
            if (!IsNumeric(format.Text())) continue;
            (decimal From, decimal To)? range = Range(format.Text());
            if (range is null) continue;
            AtLeast(range.Value.From, excludes: false);
            AtMost(range.Value.To, excludes: false);
        }

        if (least > most || (least == most && least is not null && (excludesLeast || excludesMost)))
            throw schemas[0].Fail($"no number lies between the bounds {least} and {most}");
        if (!isInteger && least is null && most is null) return JsonNodes.Number;
        if (!isInteger)
            return NumberRange.Decimals(least ?? Math.Min(-NumberRange.Largest, most ?? 0), excludesLeast, most ?? Math.Max(NumberRange.Largest, least ?? 0), excludesMost);
        decimal first = least is { } from ? decimal.Ceiling(from) + (excludesLeast && decimal.Ceiling(from) == from ? 1 : 0) : Math.Min(long.MinValue, most ?? 0);
        decimal last = most is { } to ? decimal.Floor(to) - (excludesMost && decimal.Floor(to) == to ? 1 : 0) : Math.Max(long.MaxValue, least ?? 0);
        if (first > last) throw schemas[0].Fail($"no whole number lies between the bounds {least} and {most}");
        return NumberRange.Integers(first, last);

        void AtLeast(decimal bound, bool excludes)
        {
            if (least > bound || (least == bound && !excludes)) return;
            (least, excludesLeast) = (bound, excludes);
        }

        void AtMost(decimal bound, bool excludes)
        {
            if (most < bound || (most == bound && !excludes)) return;
            (most, excludesMost) = (bound, excludes);
        }
    }

    private static (decimal From, decimal To)? Range(string format) => format switch
    {
        "int32" => (int.MinValue, int.MaxValue),
        "int64" => (long.MinValue, long.MaxValue),
        "uint32" => (0, uint.MaxValue),
        "uint64" => (0, ulong.MaxValue),
        _ => null,
    };
}
