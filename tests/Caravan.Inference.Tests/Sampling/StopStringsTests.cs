using System.Text;

namespace Caravan.Inference.Tests;

public class StopStringsTests
{
    [Fact]
    public void Any_chunking_shows_what_a_search_of_the_whole_text_shows()
    {
        Random random = new(6);
        int stopped = 0;
        for (int round = 0; round < 20000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => Text(random, random.Next(1, 6)))];
            string text = Text(random, random.Next(0, 40));
            (string expected, string? match) = SearchWhole(text, stops);
            StopStrings stream = new(stops);
            StringBuilder shown = new();
            for (int at = 0; at < text.Length;)
            {
                int length = Math.Min(random.Next(0, 5), text.Length - at);
                shown.Append(stream.Push(text.AsSpan(at, length)));
                at += length;
                if (stream.Matched is null) Assert.Equal(at - HeldBack(text[..at], stops), shown.Length);
            }

            shown.Append(stream.Flush());
            Assert.Equal(expected, shown.ToString());
            Assert.Equal(match, stream.Matched);
            if (match is not null) stopped++;
        }

        Assert.InRange(stopped, 5000, 19000);
    }

    [Theory]
    [InlineData("say abcd now", new[] { "abcd", "bc" }, "say a", "bc")]
    [InlineData("say abcd now", new[] { "bcd", "abcd", "d" }, "say ", "abcd")]
    [InlineData("aaab", new[] { "aab" }, "a", "aab")]
    [InlineData("abababac", new[] { "ababac" }, "ab", "ababac")]
    [InlineData("stop", new[] { "stop" }, "", "stop")]
    [InlineData("half a sto", new[] { "stop" }, "half a sto", null)]
    [InlineData("grüße 😀🛑 ende", new[] { "🛑" }, "grüße 😀", "🛑")]
    public void Examples(string text, string[] stops, string expected, string? match)
    {
        StopStrings stream = new(stops);
        StringBuilder shown = new();
        foreach (char symbol in text) shown.Append(stream.Push([symbol]));
        shown.Append(stream.Flush());
        Assert.Equal(expected, shown.ToString());
        Assert.Equal(match, stream.Matched);
    }

    [Fact]
    public void Nothing_is_shown_after_the_stop()
    {
        StopStrings stream = new(["END"]);
        Assert.Equal("before ", stream.Push("before END after").ToString());
        Assert.Equal("", stream.Push(" and more").ToString());
        Assert.Equal("", stream.Flush().ToString());
        Assert.Equal("END", stream.Matched);
    }

    [Fact]
    public void Long_pieces_and_long_stop_strings_pass()
    {
        string stop = new('x', 3000);
        StopStrings stream = new([stop]);
        StringBuilder shown = new();
        shown.Append(stream.Push(new string('x', 2999)));
        Assert.Equal(0, shown.Length);
        shown.Append(stream.Push("y" + new string('x', 5000)));
        Assert.Equal(new string('x', 2999) + "y", shown.ToString());
        Assert.Equal(stop, stream.Matched);
    }

    [Fact]
    public void An_empty_stop_string_is_refused() =>
        Assert.Contains("stop string is empty", Assert.Throws<CaravanException>(() => new StopStrings(["a", ""])).Message);

    /// <summary>Three letters, so that stop strings overlap, repeat and contain each other.</summary>
    private static string Text(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => "abc"[random.Next(3)])]);

    private static (string Shown, string? Match) SearchWhole(string text, string[] stops)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            foreach (string stop in stops.OrderByDescending(stop => stop.Length))
                if (text.AsSpan(0, end).EndsWith(stop)) return (text[..(end - stop.Length)], stop);
        }

        return (text, null);
    }

    /// <summary>The longest end of the text that begins a stop string.</summary>
    private static int HeldBack(string text, string[] stops)
    {
        for (int length = text.Length; length > 0; length--)
            if (stops.Any(stop => stop.AsSpan().StartsWith(text.AsSpan(text.Length - length)))) return length;
        return 0;
    }
}
