using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>Vocabularies learnt from texts: against counting everything anew for each merge.</summary>
public class BytePairTrainerTests
{
    private static readonly string[] Texts =
    [
        "The cat sat on the mat. The cat's hat is on the mat, and 1234 cats sat there!", "What is 345 + 278? It is 623.", "你好，世界。你好，朋友！345加278等于多少？",
        "{\"name\": \"Anna\", \"age\": 25}", "aaaa aaa aa a aaaaaaaa", "",
    ];

    private static readonly string[] Control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void MergesAreThoseOfCountingAnew(int seed)
    {
        Random random = new(seed);
        string[] texts = [.. Enumerable.Range(0, 40).Select(_ => string.Concat(Enumerable.Range(0, 60).Select(_ => "aab bcé中 1"[random.Next(10)])))];
        BytePairTraining training = new() { VocabularySize = 400, MinimumFrequency = 3 };
        Assert.Equal(CountedAnew(texts, training), BytePairTrainer.Train(texts, training).Definition.Merges);
    }

    [Fact]
    public void TheOrderOfTextsDoesNotMatter() =>
        Assert.Equal(Learn(300).Definition.Merges, BytePairTrainer.Train(Texts.Reverse(), new BytePairTraining { VocabularySize = 300, SpecialTokens = Control }).Definition.Merges);

    [Fact]
    public void FoldersAndFilesGiveTheSameTokenizer()
    {
        Tokenizer learnt = BytePairTrainer.Train(Texts, new BytePairTraining
        {
            VocabularySize = 320, MinimumFrequency = 1, SpecialTokens = Control, AddedTokens = ["<tool_call>"], EosToken = Control[0], PadToken = Control[0], ChatTemplate = "{{ messages[0].content }}",
        });
        using TemporaryFolder folder = new();
        learnt.SaveTo(folder.Path);
        GgufMetadata metadata = new();
        learnt.WriteTo(metadata);
        foreach (Tokenizer read in (Tokenizer[])[Tokenizer.Load(folder.Path), Tokenizer.FromGguf(metadata)])
        {
            Assert.Equal(320, read.VocabularySize);
            Assert.Equal((0, 0), (read.EosId, read.PadId));
            Assert.Equal("{{ messages[0].content }}", read.ChatTemplate);
            Assert.Contains(2, read.EndOfGenerationIds);
            Random random = new(1);
            foreach (string text in Texts.Concat(Enumerable.Range(0, 50).Select(_ => RandomText.One(random, 40))))
            {
                int[] ids = learnt.Encode(text);
                Assert.Equal(ids, read.Encode(text));
                Assert.Equal(text, read.Decode(ids));
            }

            Assert.Equal([1, 3, 2], read.Encode("<|im_start|><tool_call><|im_end|>", parseSpecial: true));
            Assert.Equal("<tool_call>", read.Decode([1, 3, 2]));
        }
    }

    [Fact]
    public void EveryDigitIsAToken()
    {
        Tokenizer learnt = BytePairTrainer.Train(Enumerable.Repeat("12 12 12", 9), new BytePairTraining { VocabularySize = 400 });
        Assert.Equal(["1", "2", "Ġ", "1", "2"], learnt.Encode("12 12").Select(learnt.TokenText));
    }

    [Fact]
    public void AVocabularyEndsWithThePairs()
    {
        Tokenizer learnt = BytePairTrainer.Train(["ab ab"], new BytePairTraining { VocabularySize = 1000 });
        Assert.Equal(257, learnt.VocabularySize);
    }

    [Fact]
    public void ATokenThatWasGivenIsNotMadeOfLetters()
    {
        Tokenizer learnt = BytePairTrainer.Train(["tool tools to ol too l tooools", "<|a|>"], new BytePairTraining { VocabularySize = 400, MinimumFrequency = 1, SpecialTokens = ["tool", "<|a|>"] });
        Assert.DoesNotContain(0, learnt.Encode("tool"));
        Assert.Null(learnt.TokenToId("<|"));
        Assert.Equal([0], learnt.Encode("tool", parseSpecial: true));
    }

    [Theory]
    [InlineData(255, "a", null, "smollm", "A vocabulary of 255 tokens cannot be learnt: the 256 bytes and 1 given tokens need 257, and 1048576 is the most.")]
    [InlineData(300, "", null, "smollm", "A special token is an empty text, which nothing could be found by.")]
    [InlineData(300, "a", "b", "smollm", "'b' is to begin, end or pad texts but is not among the special tokens; add it there.")]
    [InlineData(300, "a", null, "smolm", "The pre-tokenizer 'smolm' is not known. Did you mean 'smollm'?")]
    public void WhatCannotBeLearntIsRefused(int size, string special, string? eos, string pre, string message) => Assert.Equal(
        message, Assert.Throws<CaravanException>(() => BytePairTrainer.Train(Texts, new BytePairTraining { VocabularySize = size, SpecialTokens = [special], EosToken = eos, PreTokenizer = pre })).Message);

    [Fact]
    public void NoTextIsRefused() => Assert.Equal(
        "There is no text to learn a vocabulary from.", Assert.Throws<CaravanException>(() => BytePairTrainer.Train([""], new BytePairTraining { VocabularySize = 300 })).Message);

    [Fact]
    public void ItCanBeEnded()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => BytePairTrainer.Train(Enumerable.Repeat("a b", 1000), new BytePairTraining { VocabularySize = 300 }, cancellation: source.Token));
    }

    private static Tokenizer Learn(int size) => BytePairTrainer.Train(Texts, new BytePairTraining { VocabularySize = size, SpecialTokens = Control });

    /// <summary>The same by the definition: all pairs are counted for every merge.</summary>
    private static (string Left, string Right)[] CountedAnew(string[] texts, BytePairTraining training)
    {
        SegmentCounts counts = new(NamedPreTokenizers.Find(training.PreTokenizer)!, []);
        foreach (string text in texts) counts.Add(text);
        List<string> pieces = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value)).Order().Select(character => $"{character}")];
        List<(List<string> Word, long Count)> words = [.. counts.Counts.Select(pair => (pair.Key.Select(character => $"{character}").ToList(), pair.Value))];
        List<(string, string)> merges = [];
        while (pieces.Count < training.VocabularySize)
        {
            var best = words.SelectMany(word => word.Word.Zip(word.Word.Skip(1)).Select(pair => (pair, word.Count))).GroupBy(each => each.pair)
                .Select(group => (group.Key, Count: group.Sum(each => each.Count))).OrderByDescending(each => each.Count)
                .ThenBy(each => pieces.IndexOf(each.Key.First)).ThenBy(each => pieces.IndexOf(each.Key.Second)).FirstOrDefault();
            if (best.Count < training.MinimumFrequency) break;
            merges.Add(best.Key);
            string merged = best.Key.First + best.Key.Second;
            if (!pieces.Contains(merged)) pieces.Add(merged);
            foreach ((List<string> word, _) in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best.Key) continue;
                    word[i] = merged;
                    word.RemoveAt(i + 1);
                }
            }
        }

        return [.. merges];
    }
}
