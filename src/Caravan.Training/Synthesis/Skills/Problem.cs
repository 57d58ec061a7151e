namespace Caravan.Training.Synthesis;

/// <summary>An arithmetic problem.</summary>
/// <param name="A">The first number.</param>
/// <param name="Sign"><c>+</c>, <c>-</c> or <c>×</c>.</param>
/// <param name="B">The second number; of a product one of them is a digit.</param>
internal sealed record Problem(int A, char Sign, int B)
{
    /// <summary>The result.</summary>
    public int Value => Sign switch { '+' => A + B, '-' => A - B, _ => A * B };

    /// <summary>Such as <c>345 + 278</c>.</summary>
    public string Question => $"{A} {Sign} {B}";

    /// <summary>As it is spelled where splits are told apart: what commutes is spelled once.</summary>
    public string Spelling => Sign == '-' || A <= B ? Question : $"{B} {Sign} {A}";

    /// <summary>The problem with its result: <c>345 + 278 = 623</c>; a product digit by digit: <c>347 × 6 = 1800 + 240 + 42 = 2040 + 42 = 2082</c>.</summary>
    public string Solution
    {
        get
        {
            (int number, int digit) = (Math.Max(A, B), Math.Min(A, B));
            if (Sign != '×' || number < 10) return $"{Question} = {Value}";
            List<int> parts = [.. ((int[])[number / 100 * 100, number / 10 % 10 * 10, number % 10]).Where(part => part > 0).Select(part => part * digit)];
            string steps = Question;
            for (; parts.Count > 1; parts = [parts[0] + parts[1], .. parts[2..]]) steps += $" = {string.Join(" + ", parts)}";
            return $"{steps} = {Value}";
        }
    }
}
