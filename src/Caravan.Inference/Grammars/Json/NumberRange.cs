using System.Globalization;

namespace Caravan.Inference;

/// <summary>Numbers between bounds, as digits (no exponents). A bound may be excluded.</summary>
internal static class NumberRange
{
    /// <summary>Most digits behind the point.</summary>
    private const int MostFraction = 16;

    private static readonly GrammarNode Point = GrammarNode.Text(".");

    /// <summary>A bound that numbers without a stated one have: 18 digits.</summary>
    public const decimal Largest = 999_999_999_999_999_999m;

    /// <summary>The largest bound that may be stated.</summary>
    public const decimal LargestBound = 1_000_000_000_000_000_000_000_000m;

    /// <summary>The whole numbers from one to another.</summary>
    public static GrammarNode Integers(decimal least, decimal most)
    {
        List<GrammarNode> options = [];
        if (least < 0 && least <= most) options.Add(GrammarNode.Of(GrammarNode.Text("-"), NaturalNumbers(Math.Max(1, -most), -least)));
        if (most >= 0 && least <= most) options.Add(NaturalNumbers(Math.Max(0, least), most));
        return GrammarNode.Any(options);
    }

    /// <summary>The decimal numbers from one to another.</summary>
    public static GrammarNode Decimals(decimal least, bool excludesLeast, decimal most, bool excludesMost)
    {
        List<GrammarNode> options = [];
        if (least < 0)
        {
            bool mixed = most >= 0;
            options.Add(GrammarNode.Of(GrammarNode.Text("-"), Positive(mixed ? 0 : -most, mixed || excludesMost, -least, excludesLeast)));
        }

        if (most >= 0) options.Add(Positive(Math.Max(0, least), least >= 0 && excludesLeast, most, excludesMost));
        return GrammarNode.Any(options);
    }

    /// <summary>Whole numbers of 0 or more, length by length.</summary>
    private static GrammarNode NaturalNumbers(decimal least, decimal most)
    {
        List<GrammarNode> options = [];
        decimal first = 0, last = 9;
        for (int digits = 1; first <= most && digits <= 27; digits++, first = last + 1, last = 10 * last + 9)
        {
            decimal from = Math.Max(first, least), to = Math.Min(last, most);
            if (from <= to) options.Add(Between(DigitsOf(from), DigitsOf(to)));
        }

        return GrammarNode.Any(options);
    }

    /// <summary>Digit strings of one length.</summary>
    private static GrammarNode Between(string least, string most)
    {
        if (least.Length == 0) return GrammarNode.Empty;
        (char low, char high) = (least[0], most[0]);
        if (low == high) return GrammarNode.Of(Digit(low, low), Between(least[1..], most[1..]));
        string rest = least[1..], lowest = new('0', rest.Length), highest = new('9', rest.Length);
        bool lowWhole = rest == lowest, highWhole = most[1..] == highest;
        List<GrammarNode> options = [];
        if (!lowWhole) options.Add(GrammarNode.Of(Digit(low, low), Between(rest, highest)));
        (char from, char to) = ((char)(lowWhole ? low : low + 1), (char)(highWhole ? high : high - 1));
        if (from <= to) options.Add(GrammarNode.Of(Digit(from, to), Digits(rest.Length, rest.Length)));
        if (!highWhole) options.Add(GrammarNode.Of(Digit(high, high), Between(lowest, most[1..])));
        return GrammarNode.Any(options);
    }

    private static GrammarNode Positive(decimal least, bool excludesLeast, decimal most, bool excludesMost)
    {
        decimal leastWhole = decimal.Floor(least), mostWhole = decimal.Floor(most);
        (string low, string high) = (FractionOf(least), FractionOf(most));
        if (leastWhole > mostWhole) return GrammarNode.Never;
        if (leastWhole == mostWhole)
            return GrammarNode.Of(GrammarNode.Text(DigitsOf(leastWhole)), Fraction(new Bound(low, excludesLeast), new Bound(high, excludesMost)));
        List<GrammarNode> options =
        [
            GrammarNode.Of(GrammarNode.Text(DigitsOf(leastWhole)), Fraction(new Bound(low, excludesLeast), null)),
            GrammarNode.Of(GrammarNode.Text(DigitsOf(mostWhole)), Fraction(null, new Bound(high, excludesMost))),
        ];
        if (leastWhole + 1 < mostWhole) options.Add(GrammarNode.Of(NaturalNumbers(leastWhole + 1, mostWhole - 1), Fraction(null, null)));
        return GrammarNode.Any(options);
    }

    /// <summary>What may stand behind a whole number: nothing, or a point and digits.</summary>
    private static GrammarNode Fraction(Bound? least, Bound? most)
    {
        GrammarNode digits = GrammarNode.Of(Point, FractionDigits(least, most, MostFraction, mayEnd: false));
        return MayEnd(least, most) ? GrammarNode.Optional(digits) : digits;
    }

    private static GrammarNode FractionDigits(Bound? least, Bound? most, int room, bool mayEnd)
    {
        if (least is { Digits: "", Excluded: false }) least = null;
        if (least is null && most is null) return Digits(mayEnd ? 0 : 1, room);
        if (room == 0) return mayEnd ? GrammarNode.Empty : GrammarNode.Never;
        char low = least?.Next ?? '0', high = most?.Next ?? '9';
        List<GrammarNode> options = mayEnd ? [GrammarNode.Empty] : [];
        if (low == high) Add(low, low, least?.Rest, most?.Rest);
        if (low < high)
        {
            if (least is not null) Add(low, low, least.Rest, null);
            if (most is not null) Add(high, high, null, most.Rest);
            (char from, char to) = ((char)(least is null ? low : low + 1), (char)(most is null ? high : high - 1));
            if (from <= to) Add(from, to, null, null);
        }

        return GrammarNode.Any(options);

        void Add(char from, char to, Bound? least, Bound? most) =>
            options.Add(GrammarNode.Of(Digit(from, to), FractionDigits(least, most, room - 1, MayEnd(least, most))));
    }

    /// <summary>Whether nothing but zeros may follow: both bounds are met by what was written.</summary>
    private static bool MayEnd(Bound? least, Bound? most) =>
        (least is null || (least.Digits.Length == 0 && !least.Excluded)) && (most is null || most.Digits.Length > 0 || !most.Excluded);

    private static string DigitsOf(decimal whole) => whole.ToString("F0", CultureInfo.InvariantCulture);

    private static string FractionOf(decimal number)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        int point = text.IndexOf('.');
        return point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
    }

    private static GrammarNode Digit(char first, char last) => new GrammarNode.Characters(CodePointSet.Of((first, last)));

    private static GrammarNode Digits(int least, int most) => new GrammarNode.Repeat(Digit('0', '9'), least, most);

    /// <summary>What is left of a bound's digits behind the point, without zeros at their end.</summary>
    private sealed record Bound(string Digits, bool Excluded)
    {
        public char Next => Digits.Length == 0 ? '0' : Digits[0];

        public Bound Rest => Digits.Length == 0 ? this : new Bound(Digits[1..], Excluded);
    }
}
