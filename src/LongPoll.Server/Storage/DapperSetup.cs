using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage;

/// <summary>How ids and instants stand in the two databases: PostgreSQL has types for them, SQLite has text and milliseconds.</summary>
internal static class DapperSetup
{
    // Dapper's settings belong to the process: they are made once, before the first query of whichever store.
    [ModuleInitializer]
    internal static void Run()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(Guid));
        SqlMapper.RemoveTypeMap(typeof(Guid?));
        SqlMapper.RemoveTypeMap(typeof(DateTime));
        SqlMapper.RemoveTypeMap(typeof(DateTime?));
        SqlMapper.AddTypeHandler(new GuidHandler());
        SqlMapper.AddTypeHandler(new InstantHandler());
    }

    private sealed class GuidHandler : SqlMapper.TypeHandler<Guid>
    {
        public override void SetValue(IDbDataParameter parameter, Guid value) =>
            parameter.Value = parameter is SqliteParameter ? value.ToString("D") : value;

        public override Guid Parse(object value) => value as Guid? ?? Guid.Parse((string)value, CultureInfo.InvariantCulture);
    }

    private sealed class InstantHandler : SqlMapper.TypeHandler<DateTime>
    {
        public override void SetValue(IDbDataParameter parameter, DateTime value) =>
            parameter.Value = parameter is SqliteParameter ? new DateTimeOffset(value).ToUnixTimeMilliseconds() : value;

        public override DateTime Parse(object value) =>
            value is DateTime instant ? instant : DateTimeOffset.FromUnixTimeMilliseconds((long)value).UtcDateTime;
    }
}
