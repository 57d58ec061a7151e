using System.Collections.Frozen;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The complete list of Python names that a checkpoint may mention; every other name is refused.</summary>
/// <remarks>Source: PyTorch's own restricted loader (<c>torch/_weights_only_unpickler.py</c>), less what Caravan cannot read.</remarks>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, PickleGlobal> Allowed =
        All().ToFrozenDictionary(item => item.Name, StringComparer.Ordinal);

    /// <summary>The allowed name, or null. Python 2's <c>__builtin__</c> is <c>builtins</c>.</summary>
    public static PickleGlobal? Find(string module, string name) =>
        Allowed.GetValueOrDefault($"{(module == "__builtin__" ? "builtins" : module)}.{name}");

    private static IEnumerable<PickleGlobal> All() =>
    [
        new("collections.OrderedDict", PickleGlobalKind.Dictionary),
        new("builtins.dict", PickleGlobalKind.Dictionary),
        new("builtins.list", PickleGlobalKind.List),
        new("builtins.tuple", PickleGlobalKind.Tuple),
        new("torch.Size", PickleGlobalKind.Tuple),
        new("builtins.set", PickleGlobalKind.Opaque),
        new("builtins.frozenset", PickleGlobalKind.Opaque),
        new("builtins.bytearray", PickleGlobalKind.Opaque),
        new("builtins.complex", PickleGlobalKind.Opaque),
        new("_codecs.encode", PickleGlobalKind.Opaque),
        new("torch.device", PickleGlobalKind.Opaque),
        new("torch.serialization._get_layout", PickleGlobalKind.Opaque),
        new("torch._utils._rebuild_tensor", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_tensor_v3", PickleGlobalKind.TypedTensor),
        new("torch._utils._rebuild_parameter", PickleGlobalKind.Parameter),
        new("torch._utils._rebuild_parameter_with_state", PickleGlobalKind.Parameter),
        new("torch._tensor._rebuild_from_type_v2", PickleGlobalKind.TensorWithState),
        new("torch.Tensor", PickleGlobalKind.Label),
        new("torch.nn.parameter.Parameter", PickleGlobalKind.Label),
        .. Storages(),
        .. ElementTypes(),
    ];

    private static IEnumerable<PickleGlobal> Storages() =>
    [
        new("torch.FloatStorage", PickleGlobalKind.Storage, DType.F32),
        new("torch.HalfStorage", PickleGlobalKind.Storage, DType.F16),
        new("torch.BFloat16Storage", PickleGlobalKind.Storage, DType.BF16),
        new("torch.DoubleStorage", PickleGlobalKind.Storage, DType.F64),
        new("torch.LongStorage", PickleGlobalKind.Storage, DType.I64),
        new("torch.IntStorage", PickleGlobalKind.Storage, DType.I32),
        new("torch.ShortStorage", PickleGlobalKind.Storage, DType.I16),
        new("torch.CharStorage", PickleGlobalKind.Storage, DType.I8),
        new("torch.ByteStorage", PickleGlobalKind.Storage, DType.U8),
        new("torch.BoolStorage", PickleGlobalKind.Storage, DType.Bool),
        new("torch.UntypedStorage", PickleGlobalKind.Storage, DType.U8),
        new("torch.storage.UntypedStorage", PickleGlobalKind.Storage, DType.U8),
        new("torch.storage._UntypedStorage", PickleGlobalKind.Storage, DType.U8),
        new("torch.storage.TypedStorage", PickleGlobalKind.Label),
    ];

    private static IEnumerable<PickleGlobal> ElementTypes()
    {
        (string Name, DType Type)[] read =
        [
            ("float32", DType.F32), ("float16", DType.F16), ("bfloat16", DType.BF16), ("float64", DType.F64),
            ("int64", DType.I64), ("int32", DType.I32), ("int16", DType.I16), ("int8", DType.I8), ("uint8", DType.U8), ("bool", DType.Bool),
        ];
        // Harmless labels (a config may name them); a tensor of such a type is refused when it is read.
        string[] notRead =
        [
            "uint16", "uint32", "uint64", "complex32", "complex64", "complex128", "qint8", "quint8", "qint32", "quint4x2", "quint2x4",
            "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn_x2",
        ];
        return read.Select(item => new PickleGlobal($"torch.{item.Name}", PickleGlobalKind.ElementType, item.Type))
            .Concat(notRead.Select(name => new PickleGlobal($"torch.{name}", PickleGlobalKind.ElementType)));
    }
}
