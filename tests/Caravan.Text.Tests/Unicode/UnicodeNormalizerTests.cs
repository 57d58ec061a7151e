using System.Globalization;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class UnicodeNormalizerTests
{
    [Fact]
    public void All_forms_match_the_reference()
    {
        string[] lines = [.. File.ReadAllLines(Path.Combine(Fixtures.Repository, "tests", "Caravan.Text.Tests", "Unicode", "normalization-cases.txt")).Skip(1)];
        Assert.Equal(500, lines.Length);
        foreach (string line in lines)
        {
            string[] texts = [.. line.Split(';').Select(Text)];
            foreach (UnicodeForm form in Enum.GetValues<UnicodeForm>())
                Assert.True(texts[1 + (int)form] == UnicodeNormalizer.Normalize(texts[0], form), $"{form} of {line}");
        }
    }

    [Fact]
    public void Alignment_leads_back_to_the_source()
    {
        AlignedText text = new();
        text.Load("ae\u0301한x", 10);
        UnicodeNormalizer.Normalize(text, UnicodeForm.Nfc);
        Assert.Equal("a\u00E9한x", text.Span.ToString());
        Assert.Equal([(10, 11), (11, 13), (13, 14), (14, 15)], Enumerable.Range(0, 4).Select(i => (text.OriginalStart(i), text.OriginalEnd(i))));
        UnicodeNormalizer.Normalize(text, UnicodeForm.Nfd);
        Assert.Equal([(10, 11), (11, 13), (11, 13), (13, 14), (13, 14), (13, 14), (14, 15)], Enumerable.Range(0, 7).Select(i => (text.OriginalStart(i), text.OriginalEnd(i))));
    }

    private static string Text(string hexadecimal) =>
        string.Concat(hexadecimal.Split(' ').Select(code => char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
