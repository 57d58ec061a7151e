using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Kernels.Tests;

public class DynamicMapTests
{
    /// <summary>The published numbers have nine digits.</summary>
    [FixtureFact]
    public void Signed_numbers_are_the_published_ones()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "nf4.json")));
        float[] expected = golden.RootElement.GetProperty("dynamic_map_8bit_signed").Deserialize<float[]>()!;
        Assert.Equal(256, expected.Length);
        for (int code = 0; code < 256; code++) Assert.Equal(expected[code], DynamicMap.Signed.Values[code], 1e-7f * MathF.Abs(expected[code]));
    }

    [Fact]
    public void Unsigned_numbers_are_twice_as_fine()
    {
        float[] values = DynamicMap.Unsigned.Values.ToArray();
        Assert.Equal(256, values.Distinct().Count());
        Assert.Equal(values.Order(), values);
        Assert.Equal([0f, 1], [values[0], values[^1]]);
        // The uppermost decade in 128 parts of 0.9, by their middles.
        Assert.Equal([0.1f + (0.9f * 0.5f / 128), 0.1f + (0.9f * 127.5f / 128)], [values[^129], values[^2]], (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nearest_is_nearest(bool signed)
    {
        DynamicMap map = signed ? DynamicMap.Signed : DynamicMap.Unsigned;
        float[] values = map.Values.ToArray();
        Random random = new(2);
        IEnumerable<float> middles = values.Zip(values.Skip(1), (a, b) => (a + b) / 2);
        IEnumerable<float> tried = [.. values, .. middles.SelectMany(middle => (float[])[MathF.BitDecrement(middle), middle, MathF.BitIncrement(middle)]), 0, -0f, float.Epsilon,
            .. Enumerable.Range(0, 20_000).Select(_ => MathF.Pow(10, -8 * random.NextSingle()) * (signed && random.Next(2) == 0 ? -1 : 1))];
        foreach (float value in tried)
        {
            byte code = Nearest(map, value);
            double found = Math.Abs((double)values[code] - value), best = values.Min(number => Math.Abs((double)number - value));
            // Middles are rounded to floats.
            Assert.True(found <= best + (Math.Abs(value) / (1 << 23)), $"{value} is {found} from number {code}, {best} from another");
        }
    }

    /// <summary>The code that a map gives a number.</summary>
    internal static unsafe byte Nearest(DynamicMap map, float value)
    {
        byte code;
        map.Encode(&value, &code, 1);
        return code;
    }
}
