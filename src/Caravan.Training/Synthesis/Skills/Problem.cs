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

    /// <summary>
    /// The problem, worked out as on paper, column by column from the right, and its result: a small model learns columns from few examples, whole results hardly.
    /// <c>345 + 278: 5+8=13, 4+7+1=12, 3+2+1=6, so 623</c>; <c>347 × 6: 7×6=42, 4×6+4=28, 3×6+2=20, so 2082</c>; <c>7 - 9 = -(9 - 7): 9-7=2, so -2</c>.
    /// What begins with zeros is written with them first: <c>623 - 578: 13-8=5, 11-7=4, 5-5=0, so 045 = 45</c>.
    /// </summary>
    public string Solution => Sign == '-' && A < B
        ? $"{Question} = -({B} - {A}): {new Problem(B, '-', A).Worked("-")}"
        : $"{Question}: {Worked("")}";

    private string Worked(string minus)
    {
        string result = $"{minus}{Value}", columns = Sign == '-' ? $"{minus}{$"{Value}".PadLeft($"{A}".Length, '0')}" : result;
        return $"{Columns()}, so {(columns == result ? result : $"{columns} = {result}")}";
    }

    private string Columns()
    {
        string top = $"{(Sign == '×' ? Math.Max(A, B) : A)}", bottom = Sign == '×' ? "" : $"{B}";
        int factor = Math.Min(A, B), carried = 0;
        List<string> columns = [];
        for (int i = 1; i <= Math.Max(top.Length, bottom.Length); i++)
        {
            int a = i <= top.Length ? top[^i] - '0' : 0, b = i <= bottom.Length ? bottom[^i] - '0' : 0;
            int value = Sign switch { '+' => a + b + carried, '-' => a - b - carried, _ => (a * factor) + carried };
            int borrowed = value < 0 ? 1 : 0;
            string[] terms =
            [
                .. i <= top.Length ? [Sign == '×' ? $"{a}×{factor}" : $"{a + (10 * borrowed)}"] : Array.Empty<string>(),
                .. i <= bottom.Length ? [$"{b}"] : Array.Empty<string>(),
                .. carried > 0 ? [$"{carried}"] : Array.Empty<string>(),
            ];
            string written = string.Join(Sign == '-' ? '-' : '+', terms);
            value += 10 * borrowed;
            columns.Add(terms.Length > 1 || Sign == '×' ? $"{written}={value}" : written);
            carried = Sign == '-' ? borrowed : value / 10;
        }

        return string.Join(", ", columns);
    }
}
