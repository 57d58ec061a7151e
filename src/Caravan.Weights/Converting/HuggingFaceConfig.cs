using System.Globalization;
using System.Text.Json;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>The <c>config.json</c> of a converted model.</summary>
internal static class HuggingFaceConfig
{
    /// <summary>From this version on a sliding window of W means W keys, as GGUF and <see cref="AttentionSpec.Window"/> count.</summary>
    private const string TransformersVersion = "4.46.0";

    private const string TypeKey = "torch_dtype", NewerTypeKey = "dtype", QuantizationKey = "quantization_config";

    /// <summary>The file's text: the source's own with another type, or one made from the specification.</summary>
    public static byte[] Of(Conversion conversion, TokenizerTransfer tokenizer) => conversion.Model.Checkpoint.Config is { } own
        ? WithType(own, conversion.Options.Type, IsNf4(conversion))
        : Write(json => WriteFields(json, Nested(FromSpec(conversion, tokenizer)), IsNf4(conversion) ? WriteQuantization : null));

    private static bool IsNf4(Conversion conversion) => conversion.Tensors.Any(tensor => tensor.Type == DType.NF4);

    /// <summary>How transformers is told to load weights of NF4 with scales in 8 bits.</summary>
    private static void WriteQuantization(Utf8JsonWriter json)
    {
        json.WriteStartObject(QuantizationKey);
        json.WriteString("quant_method", "bitsandbytes");
        json.WriteBoolean("load_in_4bit", true);
        json.WriteString("bnb_4bit_quant_type", "nf4");
        json.WriteBoolean("bnb_4bit_use_double_quant", true);
        json.WriteString("bnb_4bit_compute_dtype", "float32");
        json.WriteString("bnb_4bit_quant_storage", "uint8");
        json.WriteEndObject();
    }

    private static byte[] WithType(JsonElement own, DType? type, bool nf4) => Write(json =>
    {
        if (type == DType.NF4) type = null;
        string key = own.TryGetProperty(NewerTypeKey, out _) && !own.TryGetProperty(TypeKey, out _) ? NewerTypeKey : TypeKey;
        json.WriteStartObject();
        foreach (JsonProperty property in own.EnumerateObject())
            if (property.Name != QuantizationKey && (type is null || property.Name is not (TypeKey or NewerTypeKey))) property.WriteTo(json);
        if (type is { } changed) json.WriteString(key, TorchName(changed));
        if (nf4) WriteQuantization(json);
        json.WriteEndObject();
    });

    private static SortedDictionary<string, object> FromSpec(Conversion conversion, TokenizerTransfer tokenizer)
    {
        ConfigWriter config = new(gguf: false);
        conversion.Target.Describe(conversion.Spec, config);
        DescribeScaling(conversion, config);
        SortedDictionary<string, object> keys = new(StringComparer.Ordinal)
        {
            ["architectures"] = new[] { conversion.Target.HuggingFaceClass },
            ["model_type"] = conversion.Target.ModelTypes[0],
            [TypeKey] = TorchName(conversion.MainType),
            ["transformers_version"] = TransformersVersion,
        };
        foreach ((string key, object value) in config.Values) keys[conversion.Target.AttributeMap.GetValueOrDefault(key, key)] = value;
        foreach ((string key, object value) in tokenizer.SpecialTokens()) keys[key] = value;
        return keys;
    }

    private static void DescribeScaling(Conversion conversion, ConfigWriter config)
    {
        if (conversion.Spec.Rotaries.FirstOrDefault() is not { Scaling: not null } rotary) return;
        RotaryScaling? named = rotary.Scaling is DivisorScaling divisors ? RotaryDivisors.Named(rotary, divisors.Divisors) : rotary.Scaling;
        if (named?.Describe(config) != true) conversion.DropScaling("divisors that no known method gives");
    }

    /// <summary><c>rope_scaling.factor</c> becomes <c>factor</c> in an object <c>rope_scaling</c>.</summary>
    private static SortedDictionary<string, object> Nested(SortedDictionary<string, object> keys)
    {
        SortedDictionary<string, object> nested = new(StringComparer.Ordinal);
        foreach ((string key, object value) in keys)
        {
            string[] parts = key.Split('.', 2);
            if (parts.Length == 1)
            {
                nested[key] = value;
                continue;
            }

            if (nested.GetValueOrDefault(parts[0]) is not SortedDictionary<string, object> inner)
                nested[parts[0]] = inner = new SortedDictionary<string, object>(StringComparer.Ordinal);
            inner[parts[1]] = value;
        }

        foreach ((string key, SortedDictionary<string, object> inner) in nested.Where(pair => pair.Value is SortedDictionary<string, object>).ToDictionary(pair => pair.Key, pair => (SortedDictionary<string, object>)pair.Value))
            nested[key] = Nested(inner);
        return nested;
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(json);
        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    private static void WriteFields(Utf8JsonWriter json, SortedDictionary<string, object> fields, Action<Utf8JsonWriter>? first = null)
    {
        json.WriteStartObject();
        first?.Invoke(json);
        foreach ((string key, object value) in fields)
        {
            json.WritePropertyName(key);
            WriteValue(json, value);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case int number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteRawValue(RealText(number));
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case string[] texts:
                json.WriteStartArray();
                foreach (string text in texts) json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            case IReadOnlyList<int> numbers:
                json.WriteStartArray();
                foreach (int number in numbers) json.WriteNumberValue(number);
                json.WriteEndArray();
                break;
            case IReadOnlyList<double> numbers:
                json.WriteStartArray();
                foreach (double number in numbers) json.WriteRawValue(RealText(number));
                json.WriteEndArray();
                break;
            case SortedDictionary<string, object> fields:
                WriteFields(json, fields);
                break;
            default:
                throw new InvalidOperationException($"A configuration value of type {value.GetType()}.");
        }
    }

    /// <summary>
    /// A real number as Python writes one: with the digits of the float that GGUF stored, and never without point or exponent, because
    /// transformers complains about a whole factor.
    /// </summary>
    private static string RealText(double value)
    {
        string text = (double)(float)value == value
            ? ((float)value).ToString("R", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : text + ".0";
    }

    private static string TorchName(DType type) => type switch
    {
        DType.F32 or DType.NF4 => "float32",
        DType.F16 => "float16",
        DType.BF16 => "bfloat16",
        DType.F64 => "float64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
