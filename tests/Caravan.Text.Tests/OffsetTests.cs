using Caravan.Testing;

namespace Caravan.Text.Tests;

public class OffsetTests
{
    [FixtureTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("deepseek-llm")]
    [InlineData("falcon")]
    [InlineData("mpt")]
    [InlineData("bert-bge")]
    public void Offsets_are_ordered_and_cover_what_tokens_say(string name)
    {
        Tokenizer tokenizer = Vectors.Tokenizer(name);
        foreach (string text in Vectors.Texts("gpt-2").Concat(RandomText.Many(seed: 4, count: 100)))
        {
            TextToken[] tokens = tokenizer.EncodeWithOffsets(text, addSpecial: false);
            int last = 0;
            foreach (TextToken token in tokens)
            {
                Assert.InRange(token.Start, last, text.Length);
                Assert.InRange(token.End, token.Start + 1, text.Length);
                last = token.Start;
                // A range never cuts a character.
                Assert.False(token.Start > 0 && char.IsLowSurrogate(text[token.Start]) && char.IsHighSurrogate(text[token.Start - 1]));
            }

            if (name is not ("gpt-2" or "deepseek-llm")) continue;
            foreach (TextToken token in tokens)
            {
                string piece = System.Text.Encoding.UTF8.GetString(tokenizer.TokenBytes(token.Id));
                string source = RandomText.WithoutLoneSurrogates(text[token.Start..token.End]);
                if (!piece.Contains('\uFFFD')) Assert.Equal(source, piece);
            }
        }
    }

    [FixtureFact]
    public void Known_places()
    {
        Assert.Equal(
            [("Hello", 0, 5), ("\u0120\u00F0\u0141", 5, 8), ("\u013C", 6, 8), ("\u0122", 6, 8), ("!", 8, 9)],
            Vectors.Tokenizer("gpt-2").EncodeWithOffsets("Hello 🚀!").Select(token => (token.Piece, token.Start, token.End)));
        Assert.Equal(
            [("<s>", 0, 0), ("\u2581Hello", 0, 5), ("\u2581world", 5, 11)],
            Vectors.Tokenizer("llama-spm").EncodeWithOffsets("Hello world").Select(token => (token.Piece, token.Start, token.End)));
        Assert.Equal(
            [("[CLS]", 0, 0), ("cafes", 0, 6), ("漢", 7, 8), ("[SEP]", 9, 9)],
            Vectors.Tokenizer("bert-bge").EncodeWithOffsets("CAFE\u0301s 漢\u0000").Select(token => (token.Piece, token.Start, token.End)));
        Assert.Equal((6, 10), new TextToken(0, "", 5, 7).Utf8Range("H\u00E9llo🚀!"));
    }
}
