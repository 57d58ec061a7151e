using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>PNG of every kind, JPEG of every way of coding, and what is no picture.</summary>
public class PictureTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 4)]
    [InlineData(0, 8)]
    [InlineData(0, 16)]
    [InlineData(2, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 1)]
    [InlineData(3, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(4, 16)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    public void Png(int kind, int depth)
    {
        byte[] palette = [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)(i * 37)).Take(768)];
        int channels = kind switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }, most = (1 << depth) - 1;
        int[] Numbers(int x, int y) => [.. Enumerable.Range(0, channels).Select(channel => ((x * 7919) + (y * 104729) + (channel * 31)) & most)];
        foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)[(1, 1), (13, 9), (3, 17)])
            foreach (bool interlaced in (ReadOnlySpan<bool>)[false, true])
            {
                Picture picture = Picture.Read(PngWriter.Write(width, height, kind, depth, Numbers, kind == 3 ? palette : null, interlaced), "test");
                Assert.Equal((width, height), (picture.Width, picture.Height));
                for (int i = 0; i < width * height; i++)
                {
                    int[] numbers = Numbers(i % width, i / width);
                    byte[] expected = kind switch
                    {
                        3 => palette[(3 * numbers[0])..][..3],
                        2 or 6 => [.. numbers.Take(3).Select(Eight)],
                        _ => [Eight(numbers[0]), Eight(numbers[0]), Eight(numbers[0])],
                    };
                    Assert.Equal(expected, picture.Pixels[(3 * i)..][..3]);
                }
            }

        byte Eight(int number) => (byte)(depth == 16 ? number >> 8 : number * 255 / most);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void GreyJpegIsTheCosineTransformOfItsCoefficients(bool progressive, int restart)
    {
        const int width = 29, height = 18;
        short[][] blocks = Blocks(new Random(3), 4 * 3);
        Picture picture = Picture.Read(JpegWriter.Write(width, height, [(1, 1)], [blocks], progressive, restart), "test");
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double expected = Math.Clamp(Cosines(blocks[(y / 8 * 4) + (x / 8)], x % 8, y % 8) + 128, 0, 255);
                for (int colour = 0; colour < 3; colour++) Assert.InRange(picture.Pixels[(3 * ((y * width) + x)) + colour] - expected, -0.51, 0.51);
            }
    }

    /// <summary>JFIF's formula, in exact numbers; components of plain colour, so that how those of lower resolution are widened does not matter.</summary>
    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, true)]
    [InlineData(1, 2, true)]
    [InlineData(4, 1, false)]
    public void ColoursOfJpeg(int across, int down, bool progressive)
    {
        int width = 8 * across, height = 8 * down;
        short[][] Plain(int count, short level) => [.. Enumerable.Range(0, count).Select(_ => (short[])[(short)(8 * level), .. new short[63]])];
        Picture picture = Picture.Read(JpegWriter.Write(width, height, [(across, down), (1, 1), (1, 1)], [Plain(across * down, 12), Plain(1, -30), Plain(1, 44)], progressive), "test");
        (double brightness, double blue, double red) = (140, -30, 44);
        double[] expected = [brightness + (1.402 * red), brightness - (0.344136 * blue) - (0.714136 * red), brightness + (1.772 * blue)];
        for (int i = 0; i < picture.Pixels.Length; i++) Assert.InRange(picture.Pixels[i] - expected[i % 3], -0.51, 0.51);
    }

    /// <summary>Between two colours of half the resolution lie three quarters of one and a quarter of the other.</summary>
    [Fact]
    public void ColoursOfHalfTheResolutionAreJoinedSmoothly()
    {
        short[] Level(int level) => [(short)(8 * level), .. new short[63]];
        Picture picture = Picture.Read(
            JpegWriter.Write(32, 8, [(2, 1), (1, 1), (1, 1)], [[Level(0), Level(0), Level(0), Level(0)], [Level(0), Level(40)], [Level(0), Level(0)]]), "test");
        int[] blue = [.. Enumerable.Range(0, 32).Select(x => picture.Pixels[(3 * x) + 2] - 128)];
        Assert.All(blue[..15], value => Assert.Equal(0, value));
        Assert.Equal([18, 53], blue[15..17]);
        Assert.All(blue[17..], value => Assert.Equal(71, value));
    }

    [Theory]
    [InlineData("GIF89a", "neither a PNG nor a JPEG")]
    [InlineData("", "neither a PNG nor a JPEG")]
    public void OtherFiles(string text, string words) =>
        Assert.Contains(words, Assert.Throws<CaravanException>(() => Picture.Read(System.Text.Encoding.ASCII.GetBytes(text), "x.gif")).Message, StringComparison.Ordinal);

    [Fact]
    public void DamagedFilesGiveASentence()
    {
        byte[] png = PngWriter.Write(20, 20, 2, 8, (x, y) => [x, y, x ^ y]), jpeg = JpegWriter.Write(16, 16, [(1, 1)], [Blocks(new Random(1), 4)]);
        foreach (byte[] file in (byte[][])[png[..^20], jpeg[..^20], jpeg[..200]])
            Assert.Contains("is damaged", Assert.Throws<CaravanException>(() => Picture.Read(file, "x")).Message, StringComparison.Ordinal);
        png[20] ^= 1;
        Assert.Contains("checksum", Assert.Throws<CaravanException>(() => Picture.Read(png, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<CaravanException>(() => Picture.Load("/nowhere/x.png")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MutatedFilesAreReadOrRefused()
    {
        (int, int)[] colours = [(2, 2), (1, 1), (1, 1)];
        byte[][] seeds =
        [
            PngWriter.Write(20, 13, 6, 8, (x, y) => [x, y, x ^ y, 7], interlaced: true),
            PngWriter.Write(20, 13, 3, 2, (x, y) => [(x + y) & 3], palette: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
            JpegWriter.Write(30, 20, colours, [Blocks(new Random(1), 16), Blocks(new Random(2), 4), Blocks(new Random(3), 4)], restart: 2),
            JpegWriter.Write(16, 16, colours, [Blocks(new Random(1), 4), Blocks(new Random(2), 1), Blocks(new Random(3), 1)], progressive: true),
        ];
        for (int i = 0; i < seeds.Length; i++) Assert.True(MutationFuzzer.Run(seeds[i], MutationFuzzer.Mutations(), i, input => Picture.Read(input, "fuzz")) > 0);
    }

    /// <summary>Small coefficients, of which every seventh of the diagonal order is ±1, so that progressive steps meet all kinds.</summary>
    private static short[][] Blocks(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 64).Select(i => (short)(i == 0 ? random.Next(-300, 300) : JpegWriter.PlaceOf(i) % 7 == 3 ? (random.Next(2) * 2) - 1 : random.Next(3) == 0 ? random.Next(-9, 10) : 0)).ToArray())];

    private static double Cosines(short[] block, int x, int y)
    {
        double sum = 0;
        for (int v = 0; v < 8; v++)
            for (int u = 0; u < 8; u++)
                sum += block[(8 * v) + u] * (u == 0 ? Math.Sqrt(0.5) : 1) * (v == 0 ? Math.Sqrt(0.5) : 1) / 4 * Math.Cos(((2 * x) + 1) * u * Math.PI / 16) * Math.Cos(((2 * y) + 1) * v * Math.PI / 16);
        return sum;
    }
}
