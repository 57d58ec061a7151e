using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Pictures to numbers.</summary>
public class ImagePreparationTests
{
    private static readonly VisionSpec Tower = new() { VocabularySize = 1, HiddenSize = 1, ContextLength = 1, Layers = [], ImageSize = 4, PatchSize = 2 };

    /// <summary>Worked out by hand and in Python: a quarter of a pixel away the cubic kernel gives −9/128, 111/128, 29/128, −3/128.</summary>
    [Fact]
    public void CubicKernel()
    {
        Picture step = new(4, 1, [0, 0, 0, 0, 0, 0, 128, 128, 128, 128, 128, 128]);
        byte[] half = BicubicResize.Run(new Picture(8, 1, [.. Enumerable.Repeat(0, 12).Concat(Enumerable.Repeat(128, 12)).Select(value => (byte)value)]), 4, 1);
        Assert.Equal([0, 8, 120, 130], Enumerable.Range(0, 4).Select(place => (int)half[3 * place]));
        byte[] twice = BicubicResize.Run(step, 8, 1);
        Assert.Equal([0, 0, 0, 26, 102, 137, 131, 128], Enumerable.Range(0, 8).Select(place => (int)twice[3 * place]));
        Assert.Equal(step.Pixels, BicubicResize.Run(step, 4, 1));
        Assert.All(BicubicResize.Run(new Picture(7, 5, [.. Enumerable.Repeat((byte)77, 105)]), 3, 11), value => Assert.Equal(77, value));
    }

    [Fact]
    public void TheMiddleOfTheShorterEdgeNormalised()
    {
        // 8 by 4: columns 0 and 1, and 6 and 7, are cut off.
        byte[] pixels = [.. Enumerable.Range(0, 4).SelectMany(y => Enumerable.Range(0, 8).SelectMany(x => new byte[] { (byte)(10 * x), (byte)(20 * y), 255 }))];
        float[] numbers = new ImagePreparation(Path.GetTempPath(), Tower).Prepare(new Picture(8, 4, pixels));
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++)
            {
                Assert.Equal((((10 * (x + 2)) / 255.0) - 0.48145466) / 0.26862954, numbers[(4 * y) + x], 1e-5);
                Assert.Equal((((20 * y) / 255.0) - 0.4578275) / 0.26130258, numbers[16 + (4 * y) + x], 1e-5);
                Assert.Equal((1 - 0.40821073) / 0.27577711, numbers[32 + (4 * y) + x], 1e-5);
            }
    }

    [Theory]
    [InlineData("""{"size": {"shortest_edge": 4}, "crop_size": 9}""", "cuts pictures to 9 pixels")]
    [InlineData("""{"size": "large"}""", "sets 'size'")]
    [InlineData("""{"resample": 2}""", "filter 2")]
    [InlineData("""{"do_normalize": false}""", "switches 'do_normalize' off")]
    [InlineData("""{"image_mean": [1]}""", "sets 'image_mean'")]
    public void DescriptionsThatCannotBeFollowed(string settings, string words)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("preprocessor_config.json"), settings);
        Assert.Contains(words, Assert.Throws<CaravanException>(() => new ImagePreparation(folder.Path, Tower)).Message, StringComparison.Ordinal);
    }
}
